//! Halo's form of the first sender.

use super::{SECRET, SENDERS, make};
use crate::support::{
    TestApp,
    smtp::{PORT, sender},
};
use serde_json::{Value, json};

const CONFIG: &str = "/apis/console.api.notification.halo.run/v1alpha1/notifiers/default-email-notifier/sender-config";

#[tokio::test]
async fn what_halo_keeps_is_the_first_sender_and_its_password_is_never_shown() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    assert_eq!(owner.get(CONFIG).await.expect(200), json!({}));
    let config = json!({
        "enable": true, "host": "127.0.0.1", "port": 465, "username": "mailer@mail.example", "password": SECRET,
        "encryption": "SSL", "displayName": "Acme",
    });
    let kept = owner.post(CONFIG, &config).await;
    assert!(!kept.text.contains(SECRET));
    let expected = json!({
        "enable": true, "host": "127.0.0.1", "port": 465, "username": "mailer@mail.example", "encryption": "SSL",
        "displayName": "Acme", "sender": "mailer@mail.example", "passwordSet": true,
    });
    assert_eq!(kept.expect(200), expected);
    assert_eq!(owner.get(CONFIG).await.expect(200), expected);
    let sender = owner.get(&format!("{SENDERS}/default")).await.expect(200);
    assert_eq!(
        (&sender["spec"]["encryption"], &sender["spec"]["fromName"]),
        (&json!("tls"), &json!("Acme"))
    );
    // As it was read, with another name.
    let mut again = expected.clone();
    again["displayName"] = "Acme Inc.".into();
    assert_eq!(owner.post(CONFIG, &again).await.expect(200)["passwordSet"], true);
    again["passwordSet"] = false.into();
    owner.post(CONFIG, &again).await.expect_problem(400, "invalid");
    let mut moved = expected;
    moved["host"] = "localhost".into();
    owner.post(CONFIG, &moved).await.expect_problem(400, "secret_required");
}

#[tokio::test]
async fn what_is_not_known_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let other = CONFIG.replace("default-email-notifier", "sms-notifier");
    owner.get(&other).await.expect_problem(404, "notifier_not_found");
    let mut config = json!({ "host": "127.0.0.1", "port": *PORT, "encryption": "NONE", "sender": "a@mail.example" });
    owner
        .post(&other, &config)
        .await
        .expect_problem(404, "notifier_not_found");
    config["colour"] = "red".into();
    owner.post(CONFIG, &config).await.expect_problem(400, "invalid");
    config.as_object_mut().unwrap().remove("colour");
    config["sender"] = Value::Null;
    let problem = owner.post(CONFIG, &config).await.expect_problem(400, "invalid");
    assert_eq!(problem["errors"][0]["field"], "sender");
}

#[tokio::test]
async fn one_that_is_there_keeps_what_halo_does_not_know() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let mut first = sender("main");
    first["spec"]["perMinute"] = 7.into();
    first["spec"]["replyTo"] = "help@mail.example".into();
    make(&owner, &first).await;
    make(&owner, &sender("spare")).await;
    let config = json!({ "host": "127.0.0.1", "port": *PORT, "encryption": "NONE", "sender": "new@mail.example" });
    owner.post(CONFIG, &config).await.expect(200);
    let kept = owner.get(&format!("{SENDERS}/main")).await.expect(200);
    let spec = ["perMinute", "replyTo", "fromAddress"].map(|field| kept["spec"][field].clone());
    assert_eq!(spec, [json!(7), json!("help@mail.example"), json!("new@mail.example")]);
}
