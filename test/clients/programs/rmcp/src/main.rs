//! Signs in and calls tools with rmcp, the official Rust SDK.

use std::{env, error::Error};

use rmcp::{
    ServiceExt,
    model::CallToolRequestParams,
    service::{RoleClient, RunningService},
    transport::{
        StreamableHttpClientTransport,
        auth::{AuthClient, AuthorizationRequest, OAuthState},
        streamable_http_client::{InsufficientScopeError, StreamableHttpClientTransportConfig},
    },
};
use serde_json::json;

const REDIRECT: &str = "http://127.0.0.1:33418/callback";

type Failure = Box<dyn Error + Send + Sync>;
type Session = RunningService<RoleClient, ()>;

/// Tells the runner the outcome of a step.
fn report(step: &str, result: Result<String, Failure>) {
    let (outcome, detail) = match result {
        Ok(detail) => ("passed", detail),
        Err(error) => ("failed", error.to_string()),
    };
    let detail: String = detail.chars().take(300).collect();
    println!(
        r#"{{"step":{},"outcome":{},"detail":{}}}"#,
        json!(step),
        json!(outcome),
        json!(detail)
    );
}

/// Lets the user sign in. Returns the redirect to the client.
async fn browse(url: &str) -> Result<String, Failure> {
    let response = reqwest::Client::new()
        .post(env::var("BROWSER_URL")?)
        .body(url.to_owned())
        .send()
        .await?;
    Ok(response.error_for_status()?.text().await?)
}

/// Signs in, for the scopes of a challenge if there is one, and connects.
async fn connect(endpoint: &str, challenge: Option<&str>) -> Result<Session, Failure> {
    let mut state = OAuthState::new(endpoint, None).await?;
    let mut request = AuthorizationRequest::new(REDIRECT)
        .with_initial_scope_selection()
        .with_client_name("rmcp");
    if let Some(challenge) = challenge {
        request = request.with_challenge(challenge);
    }
    state.start_authorization(request).await?;
    let callback = browse(&state.get_authorization_url().await?).await?;
    state.handle_callback_url(&callback).await?;
    let manager = state
        .into_authorization_manager()
        .ok_or("the sign-in did not finish")?;
    let client = AuthClient::new(reqwest::Client::new(), manager);
    let transport = StreamableHttpClientTransport::with_client(
        client,
        StreamableHttpClientTransportConfig::with_uri(endpoint),
    );
    Ok(().serve(transport).await?)
}

async fn call(
    session: &Session,
    name: &'static str,
    argument: (&str, &str),
) -> Result<String, Failure> {
    let mut parameters = CallToolRequestParams::new(name);
    parameters.arguments = json!({ argument.0: argument.1 }).as_object().cloned();
    let result = session.call_tool(parameters).await?;
    if result.is_error == Some(true) {
        return Err(format!("{name} failed").into());
    }
    Ok(String::new())
}

/// Returns the challenge in an error, with which rmcp leaves the further sign-in to the application.
fn challenge_in(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if let Some(found) = current.downcast_ref::<InsufficientScopeError>() {
            return Some(found.www_authenticate_header.clone());
        }
        cause = current.source();
    }
    None
}

async fn step_up(endpoint: &str, session: &Session) -> Result<String, Failure> {
    let Err(refusal) = call(session, "add_todo", ("title", "x")).await else {
        return Ok(String::new());
    };
    let Some(challenge) = challenge_in(refusal.as_ref()) else {
        return Err(refusal);
    };
    let wider = connect(endpoint, Some(&challenge)).await?;
    call(&wider, "add_todo", ("title", "x")).await
}

#[tokio::main]
async fn main() {
    let endpoint = env::var("AERIE_URL").unwrap_or_default();
    let session = match connect(&endpoint, None).await {
        Ok(session) => session,
        Err(error) => return report("sign in", Err(error)),
    };
    report("sign in", Ok(String::new()));
    let tools = session.list_all_tools().await;
    let count = tools.map(|tools| format!("{} tools", tools.len()));
    report("list", count.map_err(Into::into));
    report("call", call(&session, "greet_user", ("name", "Ada")).await);
    report("step-up", step_up(&endpoint, &session).await);
}
