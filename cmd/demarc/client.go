package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"demarc/internal/app"
)

// client calls a running server as one of its applications.
type client struct {
	base     string
	customer string
	token    string
	http     *http.Client
}

// dial makes a client from the environment (DEMARC_URL, DEMARC_CLIENT_ID, ...) or,
// where that is silent, from the quickstart.env of the data directory.
func dial(ctx context.Context, g *Globals) (*client, error) {
	env := readEnv(filepath.Join(g.Config.Data, app.QuickstartFile))
	value := func(name string) string {
		if v := os.Getenv(name); v != "" {
			return v
		}
		return env[name]
	}
	c := &client{base: strings.TrimRight(value("DEMARC_URL"), "/"), customer: value("DEMARC_CUSTOMER_NUMBER"),
		http: &http.Client{Timeout: 10 * time.Minute}}
	if c.base == "" {
		return nil, errors.New("no server is known: start one with demarc serve, name its data directory with --data, or set DEMARC_URL, DEMARC_CLIENT_ID and DEMARC_CLIENT_SECRET")
	}
	return c, c.authorize(ctx, value("DEMARC_CLIENT_ID"), value("DEMARC_CLIENT_SECRET"))
}

// authorize gets a token for the application.
func (c *client) authorize(ctx context.Context, id, secret string) error {
	form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/oauth/v2/token", form)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := c.send(req, &answer); err != nil {
		return fmt.Errorf("no token from %s: %w", c.base, err)
	}
	c.token = answer.Token
	return nil
}

// readEnv reads the NAME='value' lines of a file; none when there is no file.
func readEnv(path string) map[string]string {
	values := map[string]string{}
	f, err := os.Open(path)
	if err != nil {
		return values
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), "=")
		if ok && !strings.HasPrefix(name, "#") {
			values[name] = strings.ReplaceAll(strings.Trim(value, "'"), `'\''`, `'`)
		}
	}
	return values
}

// call sends a JSON request and reads the answer into into, which may be nil.
func (c *client) call(ctx context.Context, method, path string, body, into any) error {
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	return c.send(req, into)
}

// request makes a request, of JSON when there is a body.
func (c *client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, r)
	if err == nil && body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}

// refused is an answer that says no.
type refused struct {
	status  string
	code    int
	message string
	body    []byte
}

func (r *refused) Error() string { return r.status + ": " + r.message }

func (c *client) send(req *http.Request, into any) error {
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
		req.Header.Set("x-customer-number", c.customer)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode > 299 {
		return &refused{res.Status, res.StatusCode, explain(answer), answer}
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = answer
		return nil
	}
	if into == nil || len(answer) == 0 {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// explain makes one line of an error's body.
func explain(body []byte) string {
	var e struct {
		Message     string `json:"message"`
		Description string `json:"error_description"`
		Errors      []struct{ Field, Message, Description string }
	}
	if json.Unmarshal(body, &e) != nil {
		return strings.TrimSpace(string(body[:min(len(body), 200)]))
	}
	var parts []string
	if text := e.Message + e.Description; text != "" {
		parts = append(parts, text)
	}
	for _, v := range e.Errors {
		parts = append(parts, strings.TrimSpace(v.Field+" "+v.Message+" "+v.Description))
	}
	return strings.Join(parts, "; ")
}
