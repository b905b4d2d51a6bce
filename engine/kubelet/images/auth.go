package images

// Upstream: pkg/credentialprovider/keyring.go, secrets/secrets.go

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/distribution/reference"
	corev1 "k8s.io/api/core/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// A login is an entry of a docker configuration file.
type login struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Auth     string `json:"auth"`
}

// AuthFor finds in the pull secrets who may pull the image; nil: nobody special.
func AuthFor(image string, secrets []corev1.Secret) *v1.AuthConfig {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return nil
	}
	for _, s := range secrets {
		for server, l := range logins(&s) {
			if serves(server, named) {
				return l.config(reference.Domain(named))
			}
		}
	}
	return nil
}

// logins reads both kinds of docker secrets; what cannot be read is skipped.
func logins(s *corev1.Secret) map[string]login {
	switch s.Type {
	case corev1.SecretTypeDockerConfigJson:
		var file struct {
			Auths map[string]login `json:"auths"`
		}
		_ = json.Unmarshal(s.Data[corev1.DockerConfigJsonKey], &file)
		return file.Auths
	case corev1.SecretTypeDockercfg:
		var auths map[string]login
		_ = json.Unmarshal(s.Data[corev1.DockerConfigKey], &auths)
		return auths
	}
	return nil
}

// serves reports whether a login for server ("https://r.io/v1/", "r.io/team") is
// one for the image.
func serves(server string, image reference.Named) bool {
	server = strings.TrimPrefix(strings.TrimPrefix(server, "https://"), "http://")
	server = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(server, "/"), "/v1"), "/v2")
	if server == "index.docker.io" || server == "registry-1.docker.io" {
		server = "docker.io"
	}
	return server == reference.Domain(image) || strings.HasPrefix(image.Name()+"/", server+"/")
}

func (l login) config(domain string) *v1.AuthConfig {
	if l.Username == "" && l.Auth != "" {
		if raw, err := base64.StdEncoding.DecodeString(l.Auth); err == nil {
			l.Username, l.Password, _ = strings.Cut(string(raw), ":")
		}
	}
	return &v1.AuthConfig{Username: l.Username, Password: l.Password, Auth: l.Auth, ServerAddress: domain}
}
