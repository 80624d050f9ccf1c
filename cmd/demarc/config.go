package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// yamlConfig reads a configuration file: the flags' names without dashes in front,
// one a line. A name that no flag has is an error, because it is a slip of the pen.
func yamlConfig(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && err != io.EOF { //nolint:errorlint // the decoder answers io.EOF itself
		return nil, fmt.Errorf("the configuration file is not YAML: %w", err)
	}
	return &yamlResolver{values}, nil
}

type yamlResolver struct{ values map[string]any }

// Validate refuses names that are not flags.
func (y *yamlResolver) Validate(a *kong.Application) error {
	known := map[string]bool{}
	for _, f := range a.Flags {
		known[f.Name] = true
	}
	for name := range y.values {
		if !known[name] {
			return fmt.Errorf("the configuration file sets %q, which is no flag", name)
		}
	}
	return nil
}

// Resolve answers a flag's value in the file.
func (y *yamlResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	v, ok := y.values[flag.Name]
	if !ok {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v), nil
	}
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = fmt.Sprint(e)
	}
	return strings.Join(texts, ","), nil
}
