// Signs in and calls tools with mcp-go.
package main

import (
	"context"
	"fmt"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// authorize performs the sign-in that an error asks for.
func authorize(ctx context.Context, required error) error {
	if !client.IsOAuthAuthorizationRequiredError(required) {
		return required
	}
	handler := client.GetOAuthHandler(required)
	verifier, err := client.GenerateCodeVerifier()
	if err != nil {
		return err
	}
	state, err := client.GenerateState()
	if err != nil {
		return err
	}
	if handler.GetClientID() == "" {
		if err := handler.RegisterClient(ctx, "mcp-go"); err != nil {
			return err
		}
	}
	url, err := handler.GetAuthorizationURL(ctx, state, client.GenerateCodeChallenge(verifier))
	if err != nil {
		return err
	}
	answer, err := signIn(url)
	if err != nil {
		return err
	}
	return handler.ProcessAuthorizationResponse(ctx, answer.Get("code"), answer.Get("state"), verifier)
}

func main() {
	ctx := context.Background()
	store := client.NewMemoryTokenStore()
	c, err := client.NewOAuthStreamableHttpClient(endpoint, client.OAuthConfig{
		RedirectURI: redirectURI,
		TokenStore:  store,
		PKCEEnabled: true,
	})
	if err != nil {
		report("sign in", err, "")
		return
	}
	defer c.Close()
	initialize := func() error {
		if err := c.Start(ctx); err != nil {
			return err
		}
		request := mcp.InitializeRequest{}
		request.Params.ProtocolVersion = mcp.LATEST_PROTOCOL_VERSION
		request.Params.ClientInfo = mcp.Implementation{Name: "mcp-go", Version: "1.0.0"}
		_, err := c.Initialize(ctx, request)
		return err
	}
	call := func(name string, arguments map[string]any) error {
		request := mcp.CallToolRequest{}
		request.Params.Name = name
		request.Params.Arguments = arguments
		result, err := c.CallTool(ctx, request)
		if err == nil && result.IsError {
			return fmt.Errorf("%s failed", name)
		}
		return err
	}
	// again performs an action, and once more after a sign-in if it asks for one.
	again := func(action func() error) error {
		err := action()
		if err == nil {
			return nil
		}
		if err := authorize(ctx, err); err != nil {
			return err
		}
		return action()
	}

	if !report("sign in", again(initialize), "") {
		return
	}
	tools, err := c.ListTools(ctx, mcp.ListToolsRequest{})
	detail := ""
	if err == nil {
		detail = fmt.Sprintf("%d tools", len(tools.Tools))
	}
	report("list", err, detail)
	report("call", call("greet_user", map[string]any{"name": "Ada"}), "")
	report("step-up", again(func() error { return call("add_todo", map[string]any{"title": "x"}) }), "")

	token, err := store.GetToken(ctx)
	if err == nil {
		stale := *token
		stale.AccessToken = "stale"
		err = store.SaveToken(ctx, (*transport.Token)(&stale))
	}
	if err == nil {
		err = again(func() error { return call("whoami", map[string]any{}) })
	}
	report("renew", err, "")
}
