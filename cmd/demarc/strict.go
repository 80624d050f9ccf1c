package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"demarc/internal/fault"
	"demarc/internal/httpkit"
)

// strictJSON reads an object that an operator wrote into a struct. Other than at the
// edge, no field is let through that is not known: nobody else sees what was ignored.
// Every error names the field.
func strictJSON(raw []byte, into any) error {
	err := httpkit.DecodeJSON(raw, into)
	if f := fault.Of(err); f != nil {
		return inWords(f, raw, into)
	}
	if err != nil {
		return err
	}
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	return plainly(strict.Decode(reflect.New(reflect.TypeOf(into).Elem()).Interface()))
}

// inWords is a refusal in one line. Where a field's own type has refused it, the
// decoder does not say which it was, so each is read by itself.
func inWords(f *fault.Error, raw []byte, into any) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) == nil {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			one := reflect.New(reflect.TypeOf(into).Elem()).Interface()
			text, err := json.Marshal(map[string]json.RawMessage{name: fields[name]})
			if err != nil {
				break
			}
			var typ *json.UnmarshalTypeError
			if err = json.Unmarshal(text, one); err != nil && !errors.As(err, &typ) {
				return fmt.Errorf("%s %w", name, err)
			}
		}
	}
	if len(f.Violations) == 0 {
		return errors.New(f.Message)
	}
	wrong := make([]string, len(f.Violations))
	for i, v := range f.Violations {
		wrong[i] = v.Field + " " + v.Message
	}
	return errors.New(strings.Join(wrong, "; "))
}

// plainly is the decoder's error without the decoder's name.
func plainly(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}
