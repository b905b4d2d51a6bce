package resource

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
)

// image gives a container another image, as kubectl set image does.
func (p pages) image(w http.ResponseWriter, r *http.Request) error {
	s, u, err := fetch(r)
	if err != nil {
		return err
	}
	image := strings.TrimSpace(r.PostFormValue("image"))
	patch, err := imagePatch(containersOf(s.Target, u), isPod(s.Target), r.PostFormValue("container"), image)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if err := s.client.Patch(r.Context(), s.Target, types.StrategicMergePatchType, "kubectl-set", patch); err != nil {
		return err
	}
	p.did(w, r, s, "image updated")
	return nil
}

// imagePatch is a strategic merge patch of one container's image.
func imagePatch(all []containerView, pod bool, name, image string) ([]byte, error) {
	i := slices.IndexFunc(all, func(c containerView) bool { return c.Name == name && c.Role != "ephemeral" })
	if i < 0 {
		return nil, fmt.Errorf("unable to find container named %q", name)
	}
	field := "containers"
	if all[i].Role != "" {
		field = "initContainers"
	}
	spec := map[string]any{field: []any{map[string]any{"name": name, "image": image}}}
	if !pod {
		spec = map[string]any{"template": map[string]any{"spec": spec}}
	}
	return json.Marshal(map[string]any{"spec": spec})
}
