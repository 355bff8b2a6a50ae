package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

var endpoint = os.Getenv("AERIE_URL")

const redirectURI = "http://127.0.0.1:33418/callback"

// report tells the runner the outcome of a step.
func report(step string, err error, detail string) bool {
	outcome := "passed"
	if err != nil {
		outcome, detail = "failed", err.Error()
	}
	if len(detail) > 300 {
		detail = detail[:300]
	}
	line, _ := json.Marshal(struct {
		Step    string `json:"step"`
		Outcome string `json:"outcome"`
		Detail  string `json:"detail"`
	}{step, outcome, detail})
	fmt.Println(string(line))
	return err == nil
}

// signIn lets the user sign in and returns the parameters of the redirect to the client.
func signIn(authorizationURL string) (url.Values, error) {
	response, err := http.Post(os.Getenv("BROWSER_URL"), "text/plain", strings.NewReader(authorizationURL))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s", body)
	}
	callback, err := url.Parse(string(body))
	if err != nil {
		return nil, err
	}
	return callback.Query(), nil
}
