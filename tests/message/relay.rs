//! Relays that refuse the server, are silent, or refuse a message: what happens to the mail.

use crate::support::{
    PASSWORD, TestApp, client,
    database::Database,
    free_port,
    program::{Program, run},
    smtp::Sink,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const MESSAGES: &str = "/apis/console/v1alpha1/messages";

async fn start(url: String, ehlo: Option<&str>) -> TestApp {
    TestApp::start_with(|config| {
        config.smtp_url = Some(url);
        config.smtp_ehlo = ehlo.map(str::to_owned);
    })
    .await
}

async fn only_message(app: &TestApp) -> Value {
    let owner = app.default_tenant().owner().await;
    let list = owner.get(MESSAGES).await.expect(200);
    assert_eq!(list["total"], 1);
    list["items"][0].clone()
}

#[tokio::test]
async fn the_server_calls_itself_by_its_public_host_or_as_it_is_told() {
    let mut sink = Sink::start(0, &[]);
    let app = start(sink.url(), None).await;
    app.default_tenant().sign_up("ada").await;
    app.work().await;
    assert_eq!(sink.next()["ehlo"], "[127.0.0.1]");
    drop(app);

    let app = start(sink.url(), Some("id.example.com")).await;
    app.default_tenant().sign_up("ada").await;
    app.work().await;
    assert_eq!(sink.next()["ehlo"], "id.example.com");
}

#[tokio::test]
async fn a_relay_that_refuses_the_server_loses_no_mail() {
    for options in [["--ehlo", "id.example.com"], ["--auth", "tenantry:right"]] {
        let sink = Sink::start(0, &options);
        let url = format!("smtp://tenantry:wrong@127.0.0.1:{}", sink.port);
        let app = start(url, None).await;
        app.default_tenant().sign_up("ada").await;
        app.work().await;
        let message = only_message(&app).await;
        assert_eq!(message["status"]["state"], "deferred", "{message}");
        let port = sink.port;
        drop(sink);

        let mut sink = Sink::start(port, &["--auth", "tenantry:wrong"]);
        app.advance(3);
        app.work().await;
        assert_eq!(sink.next()["to"], json!(["ada@example.com"]));
        assert_eq!(only_message(&app).await["status"]["state"], "sent");
    }
}

#[tokio::test]
async fn a_message_is_sent_again_by_a_command_beside_the_server() {
    let mut database = Database::create().await;
    let port = free_port();
    let url = format!("smtp://127.0.0.1:{port}");
    let refusing = Sink::start(port, &["--reject"]);
    let program = Program::start(&database, &[("TENANTRY_SMTP_URL", &url)]);
    let new = json!({ "username": "ada", "email": "ada@example.com", "password": PASSWORD });
    let made = client().post(format!("{}/v1/register", program.base)).json(&new);
    assert_eq!(made.send().await.unwrap().status(), 200);
    database.wait_until_nothing_is_due().await;
    drop(refusing);
    let list = client().get(format!("{}{MESSAGES}", program.base));
    let list = list.bearer_auth(program.owner_token().await).send().await.unwrap();
    let list: Value = list.json().await.unwrap();
    let name = list["items"][0]["metadata"]["name"].as_str().unwrap();

    let mut sink = Sink::start(port, &[]);
    let done = run(&database, &["message", "resend", name], "");
    assert!(done.status.success(), "{done:?}");
    assert_eq!(sink.next()["to"], json!(["ada@example.com"]));
    let (ended_well, log) = program.terminate();
    assert!(ended_well, "{log}");
    assert_eq!(database.end(), 0);
}

#[tokio::test]
async fn a_tenant_whose_mail_hangs_stops_nobody_elses_and_not_the_server_either() {
    let mut database = Database::create().await;
    let mut sink = Sink::start(0, &["--silent-to", "slow.example"]);
    let create = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "a@acme.test",
        "--password-stdin",
    ];
    assert!(run(&database, &create, PASSWORD).status.success());
    let program = Program::start(&database, &[("TENANTRY_SMTP_URL", &sink.url())]);
    let ask = async |base: String, email: String| {
        let ask = json!({ "email": email, "purpose": "register" });
        let asked = client().post(format!("{base}/v1/email/send-verification")).json(&ask);
        assert_eq!(asked.send().await.unwrap().status(), 200);
    };
    for n in 0..12 {
        ask(format!("{}/t/acme", program.base), format!("user-{n}@slow.example")).await;
    }
    ask(program.base.clone(), "ada@example.com".to_owned()).await;
    assert_eq!(sink.next()["to"], json!(["ada@example.com"]));

    let begun = Instant::now();
    let (ended_well, log) = program.terminate();
    assert!(ended_well && begun.elapsed() < Duration::from_secs(10), "{log}");
    assert_eq!(sink.stop(), Vec::<Value>::new());
    database.jobs_may_be_left = true;
    database.end();
}
