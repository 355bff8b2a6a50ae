// Signs in and calls tools with the official Go SDK.
package main

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

func fetchCode(_ context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	answer, err := signIn(args.URL)
	if err != nil {
		return nil, err
	}
	return &auth.AuthorizationResult{
		Code:  answer.Get("code"),
		State: answer.Get("state"),
		Iss:   answer.Get("iss"),
	}, nil
}

func call(ctx context.Context, session *mcp.ClientSession, name string, arguments map[string]any) error {
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err == nil && result.IsError {
		return fmt.Errorf("%s failed", name)
	}
	return err
}

func count(tools *mcp.ListToolsResult) string {
	if tools == nil {
		return ""
	}
	return fmt.Sprintf("%d tools", len(tools.Tools))
}

func main() {
	ctx := context.Background()
	handler, err := auth.NewAuthorizationCodeHandler(&auth.AuthorizationCodeHandlerConfig{
		RedirectURL:              redirectURI,
		AuthorizationCodeFetcher: fetchCode,
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{
				ClientName:              "go-sdk",
				RedirectURIs:            []string{redirectURI},
				TokenEndpointAuthMethod: "none",
			},
		},
	})
	if err != nil {
		report("sign in", err, "")
		return
	}
	transport := &mcp.StreamableClientTransport{Endpoint: endpoint, OAuthHandler: handler}
	client := mcp.NewClient(&mcp.Implementation{Name: "go-sdk", Version: "1.0.0"}, nil)
	session, err := client.Connect(ctx, transport, nil)
	if !report("sign in", err, "") {
		return
	}
	defer session.Close()

	tools, err := session.ListTools(ctx, nil)
	report("list", err, count(tools))
	report("call", call(ctx, session, "greet_user", map[string]any{"name": "Ada"}), "")
	report("step-up", call(ctx, session, "add_todo", map[string]any{"title": "x"}), "")
}
