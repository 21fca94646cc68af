//! TLS to a relay: a certificate that is not right ends the delivery before a password is told.

use super::{SENDERS, make};
use crate::support::{
    TestApp, client,
    database::Database,
    free_port,
    program::Program,
    smtp::{Sink, sender_at},
};
use serde_json::{Value, json};
use std::process::Command;

/// A certificate for this name that nobody but itself signs, and its key.
fn certificate(folder: &std::path::Path, name: &str) -> [String; 2] {
    let [key, certificate] = ["key.pem", "certificate.pem"].map(|file| folder.join(file).display().to_string());
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"])
        .arg(format!("/CN={name}"))
        .args(["-addext", &format!("subjectAltName=DNS:{name}")])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    [certificate, key]
}

fn relay(folder: &std::path::Path, name: &str) -> (Sink, String) {
    let [certificate, key] = certificate(folder, name);
    let options = ["--tls", &certificate, &key, "--auth", "mailer:s3cr3t-relay"];
    (Sink::start(0, &options), certificate)
}

fn sender_of(host: &str, port: u16) -> Value {
    let mut new = sender_at("main", port);
    for (field, value) in [
        ("host", host),
        ("encryption", "starttls"),
        ("username", "mailer"),
        ("password", "s3cr3t-relay"),
    ] {
        new["spec"][field] = value.into();
    }
    new
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (sink, _) = relay(folder.path(), "localhost");
    let port = sink.port;
    let app = TestApp::start_with(|config| config.smtp_ports = vec![port]).await;
    let owner = app.default_tenant().owner().await;
    make(&owner, &sender_of("localhost", port)).await;
    let to = json!({ "to": "ada@example.com" });
    let failed = owner.post(&format!("{SENDERS}/main/verify"), &to).await;
    let failed = failed.expect_problem(400, "sender_not_reached");
    let last = failed["errors"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["field"], &last["code"]),
        (&json!("certificate"), &json!("failed")),
        "{failed}"
    );
    assert_eq!(sink.stop(), Vec::<Value>::new());
}

/// Tries a sender at this host with a server that trusts the relay's certificate.
async fn try_trusting(name: &str, host: &str) -> (u16, Value, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let (sink, certificate) = relay(folder.path(), name);
    let mut database = Database::create().await;
    let port = sink.port.to_string();
    let environment = [
        ("TENANTRY_SMTP_PORTS", port.as_str()),
        ("SSL_CERT_FILE", certificate.as_str()),
    ];
    let program = Program::start(&database, &environment);
    let token = program.owner_token().await;
    let post = async |path: &str, body: &Value| {
        let request = client().post(format!("{}{path}", program.base)).json(body);
        let answer = request.bearer_auth(&token).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, made) = post(SENDERS, &sender_of(host, sink.port)).await;
    assert_eq!(status, 200, "{made}");
    let (status, tried) = post(&format!("{SENDERS}/main/verify"), &json!({ "to": "ada@example.com" })).await;
    let (ended_well, log) = program.terminate();
    assert!(ended_well && !log.contains("s3cr3t"), "{log}");
    database.end();
    (status, tried, sink.stop())
}

#[tokio::test]
async fn mail_leaves_by_tls_to_a_relay_whose_certificate_is_right() {
    let (status, tried, mails) = try_trusting("localhost", "localhost").await;
    assert_eq!(status, 200, "{tried}");
    let steps = tried["steps"].as_array().unwrap();
    let of = |name: &str| {
        steps.iter().find(|step| step["step"] == name).unwrap()["answer"]
            .as_str()
            .unwrap()
    };
    let certificate = of("certificate");
    assert!(
        certificate.starts_with("TLS 1.3; localhost; issued by localhost; until 20"),
        "{certificate}"
    );
    assert!(
        of("auth").starts_with("PLAIN: 235") || of("auth").starts_with("LOGIN: 235"),
        "{tried}"
    );
    assert_eq!(mails.len(), 1);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_taken_and_the_name_is_told() {
    let (status, tried, mails) = try_trusting("smtp.example.org", "localhost").await;
    assert_eq!((status, mails.len()), (400, 0), "{tried}");
    let last = tried["errors"].as_array().unwrap().last().unwrap();
    assert_eq!(last["field"], "certificate");
    assert!(last["detail"].as_str().unwrap().contains("smtp.example.org"), "{last}");
}

#[tokio::test]
async fn a_relay_that_offers_no_tls_is_told_no_password() {
    let sink = Sink::start(free_port(), &["--auth", "mailer:s3cr3t-relay"]);
    let port = sink.port;
    let app = TestApp::start_with(|config| config.smtp_ports = vec![port]).await;
    let owner = app.default_tenant().owner().await;
    make(&owner, &sender_of("localhost", port)).await;
    let to = json!({ "to": "ada@example.com" });
    let failed = owner.post(&format!("{SENDERS}/main/verify"), &to).await;
    let failed = failed.expect_problem(400, "sender_not_reached");
    let last = failed["errors"].as_array().unwrap().last().unwrap();
    assert_eq!(last["field"], "starttls", "{failed}");
    assert_eq!(sink.stop(), Vec::<Value>::new());
}
