//! Commands about relays and providers.

use crate::support::{
    database::Database,
    program::{Program, run},
    smtp::Sink,
};
use serde_json::{Value, json};

const CONSOLE: &str = "/apis/console/v1alpha1";

async fn post(program: &Program, path: &str, body: &Value) {
    let answer = crate::support::client()
        .post(format!("{}{CONSOLE}/{path}", program.base))
        .bearer_auth(program.owner_token().await)
        .json(body)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn an_operator_lists_and_tries_senders_and_providers() {
    let mut database = Database::create().await;
    let mut sink = Sink::start(0, &[]);
    let port = sink.port.to_string();
    let file = database.directory().join("tenantry.toml");
    std::fs::write(&file, format!("smtp_ports = [{port}]\n")).unwrap();
    let program = Program::start(&database, &[("TENANTRY_SMTP_PORTS", &*port)]);
    let sender = json!({ "metadata": { "name": "main" }, "spec": {
        "displayName": "Main", "host": "127.0.0.1", "port": sink.port, "encryption": "none",
        "fromAddress": "no-reply@mail.example",
    } });
    post(&program, "senders", &sender).await;
    let provider = json!({ "metadata": { "name": "corp" }, "spec": { "kind": "oidc", "displayName": "Corp" } });
    post(&program, "auth-provider-configs", &provider).await;

    let file = file.to_str().unwrap();
    let said = |arguments: &[&str]| {
        let done = run(&database, &[&["--config", file], arguments].concat(), "");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.success(), text(&done.stdout) + text(&done.stderr).as_str())
    };
    let (well, list) = said(&["sender", "list"]);
    assert!(well && list.contains("main") && list.contains("active"), "{list}");
    let (well, tried) = said(&["sender", "verify", "main", "--to", "ada@example.com"]);
    assert!(
        well && tried.contains("accepted") && tried.contains("The relay took the mail"),
        "{tried}"
    );
    assert_eq!(sink.next()["to"], json!(["ada@example.com"]));
    let (well, none) = said(&["sender", "verify", "other", "--to", "ada@example.com"]);
    assert!(!well && none.contains("There is no sender of this name."), "{none}");
    let (well, list) = said(&["provider", "list"]);
    assert!(well && list.contains("corp") && list.contains("incomplete"), "{list}");
    let (well, test) = said(&["provider", "test", "corp"]);
    assert!(!well && test.contains("not complete"), "{test}");
    let (well, report) = said(&["doctor"]);
    assert!(
        well && report.contains("ok    senders: 1") && report.contains("ok    providers: 1"),
        "{report}"
    );

    drop(sink);
    let (well, refused) = said(&["sender", "verify", "main", "--to", "ada@example.com"]);
    assert!(!well && refused.contains("failed   connect"), "{refused}");
    drop(program);
    database.end();
}
