package sandboxhttp

import (
	"net/http"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/setting"
)

type settingAnswer struct {
	Name        string   `json:"name"`
	Value       string   `json:"value"`
	Default     string   `json:"default"`
	Values      []string `json:"values"`
	Description string   `json:"description"`
}

func settingOf(v setting.Value) settingAnswer {
	return settingAnswer{v.Name, v.Value, v.Default, v.Values, v.Text}
}

func (h *handlers) settings(w http.ResponseWriter, r *http.Request) error {
	answer := []settingAnswer{}
	err := h.kit.View(r, func(tx *db.Tx) error {
		list, err := setting.List(tx)
		for _, v := range list {
			answer = append(answer, settingOf(v))
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, map[string]any{"settings": answer})
}

type settingRequest struct {
	Value string `json:"value"`
}

func (h *handlers) putSetting(w http.ResponseWriter, r *http.Request) error {
	var req settingRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	name := r.PathValue("name")
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		if err := setting.Put(tx, caller(r).App, name, req.Value); err != nil {
			return nil, err
		}
		v, err := setting.Find(tx, name)
		return settingOf(v), err
	})
}
