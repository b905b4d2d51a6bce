package runtime

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/google/go-containerregistry/pkg/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/wasm/host/vfs"
	"kubergarten/wasm/image"
)

func TestCommand(t *testing.T) {
	image := ocispec.Config{Entrypoint: []string{"/entry"}, Cmd: []string{"c1", "c2"}}
	tests := map[string]struct {
		image         ocispec.Config
		command, args []string
		want          []string
	}{
		"neither":            {image, nil, nil, []string{"/entry", "c1", "c2"}},
		"args":               {image, nil, []string{"a"}, []string{"/entry", "a"}},
		"command":            {image, []string{"x"}, nil, []string{"x"}},
		"both":               {image, []string{"x"}, []string{"a"}, []string{"x", "a"}},
		"no entrypoint":      {ocispec.Config{Cmd: []string{"sh"}}, nil, nil, []string{"sh"}},
		"no entrypoint, arg": {ocispec.Config{Cmd: []string{"sh"}}, nil, []string{"ls"}, []string{"ls"}},
	}
	for name, tc := range tests {
		got, err := command(tc.image, &v1.ContainerConfig{Command: tc.command, Args: tc.args})
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Error(name, diff, err)
		}
	}
	if _, err := command(ocispec.Config{}, &v1.ContainerConfig{}); err == nil || err.Error() != "no command specified" {
		t.Errorf("got %v", err)
	}
}

func TestStopSignal(t *testing.T) {
	tests := []struct {
		image string
		own   v1.Signal
		want  int
	}{{"", 0, 15}, {"SIGQUIT", 0, 3}, {"QUIT", 0, 3}, {"sigusr1", 0, 10}, {"SIGQUIT", v1.Signal_SIGINT, 2}, {"nonsense", 0, 15}}
	for _, tc := range tests {
		c := &container{image: &image.Image{Config: ocispec.Config{StopSignal: tc.image}}, cfg: &v1.ContainerConfig{StopSignal: tc.own}}
		if got := stopSignal(c); got != tc.want {
			t.Errorf("%q and %v: %d, want %d", tc.image, tc.own, got, tc.want)
		}
	}
}

func TestWho(t *testing.T) {
	passwd := []image.File{{Path: "/etc/passwd", Data: []byte("root:x:0:0:root:/root:/bin/sh\nnginx:x:101:102:nginx:/home/n:/bin/false\nbroken\n")}}
	num := func(n int64) *v1.Int64Value { return &v1.Int64Value{Value: n} }
	tests := map[string]struct {
		user string
		sc   *v1.LinuxContainerSecurityContext
		want vfs.Cred
		home string
		err  string
	}{
		"nobody said":    {home: "/root"},
		"image, by name": {user: "nginx", want: vfs.Cred{UID: 101, GID: 102}, home: "/home/n"},
		"image, number":  {user: "101:7", want: vfs.Cred{UID: 101, GID: 7}, home: "/home/n"},
		"unknown number": {user: "65535:65535", want: vfs.Cred{UID: 65535, GID: 65535}, home: "/"},
		"run as user":    {user: "nginx", sc: &v1.LinuxContainerSecurityContext{RunAsUser: num(1000)}, want: vfs.Cred{UID: 1000}, home: "/"},
		"all of it": {
			sc:   &v1.LinuxContainerSecurityContext{RunAsUser: num(101), RunAsGroup: num(3000), SupplementalGroups: []int64{4000}},
			want: vfs.Cred{UID: 101, GID: 3000, Groups: []uint32{4000}}, home: "/home/n",
		},
		"unknown name": {user: "joe", err: "unable to find user joe: no matching entries in passwd file"},
	}
	for name, tc := range tests {
		got, home, err := who(&image.Image{Files: passwd, Config: ocispec.Config{User: tc.user}}, tc.sc)
		if tc.err != "" {
			if err == nil || err.Error() != tc.err {
				t.Errorf("%s: got %v", name, err)
			}
			continue
		}
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil || home != tc.home {
			t.Error(name, diff, err, home)
		}
	}
}
