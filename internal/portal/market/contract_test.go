package market

import (
	"slices"
	"strings"
	"testing"

	"demarc/api"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// What is read line by line is what the documents say.
func TestTheContractIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	got := map[string]operation{}
	for _, o := range contract() {
		got[o.Method+" "+o.Path] = o
	}
	want := 0
	for _, d := range api.Documents() {
		var doc struct {
			Paths map[string]map[string]yaml.Node `yaml:"paths"`
		}
		if err := yaml.Unmarshal(d.Text, &doc); err != nil {
			t.Fatal(err)
		}
		for path, item := range doc.Paths {
			for method, node := range item {
				if !slices.Contains([]string{"get", "put", "post", "patch", "delete"}, method) {
					continue
				}
				var op struct {
					OperationID string   `yaml:"operationId"`
					Summary     string   `yaml:"summary"`
					Tags        []string `yaml:"tags"`
				}
				if err := node.Decode(&op); err != nil {
					t.Fatal(err)
				}
				want++
				o, ok := got[strings.ToUpper(method)+" "+path]
				if !ok {
					t.Errorf("%s %s was not read", method, path)
					continue
				}
				o.Also, o.Method = false, method
				if diff := cmp.Diff(operation{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Tag: op.Tags[0], Document: d.Name}, o); diff != "" {
					t.Errorf("%s %s (-document +read):\n%s", method, path, diff)
				}
			}
		}
	}
	if len(got) != want || want < 100 {
		t.Errorf("read %d operations, the documents have %d", len(got), want)
	}
}
