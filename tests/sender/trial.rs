//! Trying a sender: what is told of each step, and to whom the mail may go.

use super::{SENDERS, change, make, start};
use crate::support::{
    PASSWORD,
    relay::{Relay, header},
    roles::{CONSOLE, make_role, patch},
    smtp::sender_at,
};
use serde_json::{Value, json};

const VERIFY: &str = "/apis/console/v1alpha1/notifiers/default-email-notifier/verify-connection";

fn steps(list: &Value, field: &str) -> Vec<String> {
    let steps = list.as_array().unwrap().iter();
    steps.map(|step| step[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_trial_is_a_delivery_told_step_by_step() {
    let relay = Relay::start().await;
    let app = start(&[&relay]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", relay.port)).await;
    let verify = format!("{SENDERS}/main/verify");
    let to = json!({ "to": "grace@example.com" });
    let tried = owner.post(&verify, &to).await.expect(200);
    let all = [
        "resolve", "connect", "greeting", "ehlo", "mail", "rcpt", "data", "accepted",
    ];
    assert_eq!(steps(&tried["steps"], "step"), all);
    assert!(
        tried["steps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["ok"] == true && step["ms"].is_u64())
    );
    assert_eq!(tried["steps"][7]["answer"], "250 2.0.0 queued as 42");
    let mail = relay.taken().remove(0);
    assert_eq!(header(&mail, "To"), "grace@example.com");
    assert_eq!(header(&mail, "Message-ID"), tried["messageId"].as_str().unwrap());
    let verified = owner.get(&format!("{SENDERS}/main")).await.expect(200);
    assert!(verified["status"]["verifiedAt"].is_string());
    let moved = change(&owner, "main", json!({ "host": "localhost" })).await.expect(200);
    assert_eq!(moved["status"]["verifiedAt"], Value::Null, "another relay was not seen");

    relay.answer("MAIL", "550 5.7.60 this account may not send as main@mail.example");
    let failed = owner.post(&verify, &to).await;
    let failed = failed.expect_problem(400, "sender_not_reached");
    let told = &failed["errors"];
    assert_eq!(steps(told, "field"), ["resolve", "connect", "greeting", "ehlo", "mail"]);
    assert_eq!(steps(told, "code"), ["ok", "ok", "ok", "ok", "failed"]);
    let words = told[4]["detail"].as_str().unwrap();
    assert!(
        words.contains("550 5.7.60") && words.contains("may not send as"),
        "{words}"
    );
    // It was a trial, and no mail.
    let state = owner.get(&format!("{SENDERS}/main")).await.expect(200);
    assert_eq!(state["status"]["state"], "active");
}

#[tokio::test]
async fn a_service_that_speaks_no_smtp_is_not_read_out() {
    let relay = Relay::start().await;
    let app = start(&[&relay]).await;
    let owner = app.default_tenant().owner().await;
    make(&owner, &sender_at("main", relay.port)).await;
    relay.answer("GREETING", "SSH-2.0-secret-banner");
    let to = json!({ "to": "grace@example.com" });
    let failed = owner.post(&format!("{SENDERS}/main/verify"), &to).await;
    assert!(!failed.text.contains("banner"), "{}", failed.text);
    let failed = failed.expect_problem(400, "sender_not_reached");
    assert_eq!(failed["errors"][2]["field"], "greeting");
    relay.answer("GREETING", "554 no\u{1b}[31m service");
    let failed = owner.post(&format!("{SENDERS}/main/verify"), &to).await;
    assert!(
        failed.text.contains("554 no[31m service"),
        "the control: a relay's words are told: {}",
        failed.text
    );
}

#[tokio::test]
async fn a_trial_goes_to_whoever_tries_and_to_others_only_by_who_may_change_senders() {
    let relay = Relay::start().await;
    let app = start(&[&relay]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, &sender_at("main", relay.port)).await;
    let verify = format!("{SENDERS}/main/verify");
    let rule = json!({ "resources": ["senders"], "verbs": ["verify"] });
    make_role(&owner, "trier", "", &[rule]).await;
    let new = json!({ "name": "ada", "email": "ada@example.com", "password": PASSWORD, "mustChangePassword": false, "roles": ["trier"] });
    owner.post(&format!("{CONSOLE}/users"), &new).await.expect(200);
    let ada = tenant.sign_in("ada").await;
    ada.post(&verify, &json!({}))
        .await
        .expect_problem(400, "caller_has_no_address");
    let proven = json!({ "email": "ada@example.com", "verified": true });
    owner
        .put(&format!("{CONSOLE}/users/ada/email"), &proven)
        .await
        .expect(200);
    ada.post(&verify, &json!({ "to": "eve@example.com" }))
        .await
        .expect_problem(403, "forbidden");
    ada.post(&verify, &json!({})).await.expect(200);
    assert_eq!(header(&relay.taken()[0], "To"), "ada@example.com");
    app.work().await;
}

#[tokio::test]
async fn a_tenant_tries_five_times_a_minute() {
    let relay = Relay::start().await;
    let app = start(&[&relay]).await;
    let owner = app.default_tenant().owner().await;
    make(&owner, &sender_at("main", relay.port)).await;
    let to = json!({ "to": "grace@example.com" });
    for _ in 0..5 {
        owner.post(&format!("{SENDERS}/main/verify"), &to).await.expect(200);
    }
    let limited = owner.post(&format!("{SENDERS}/main/verify"), &to).await;
    limited.expect_problem(429, "too_many_attempts");
    assert_eq!(relay.taken().len(), 5);
    app.advance(61);
    owner.post(&format!("{SENDERS}/main/verify"), &to).await.expect(200);
}

#[tokio::test]
async fn what_is_tried_before_it_is_kept_has_a_stored_password_only_for_the_same_relay() {
    let relay = Relay::start().await;
    let app = start(&[&relay]).await;
    let owner = app.default_tenant().owner().await;
    let proven = json!({ "email": "boss@example.com", "verified": true });
    owner
        .put(&format!("{CONSOLE}/users/admin/email"), &proven)
        .await
        .expect(200);
    let bare = json!({ "host": "127.0.0.1", "port": relay.port, "encryption": "NONE", "sender": "a@mail.example" });
    let tried = owner.post(VERIFY, &bare).await.expect(200);
    assert_eq!(steps(&tried["steps"], "step").last().unwrap(), "accepted");
    assert_eq!(header(&relay.taken()[0], "To"), "boss@example.com");
    let list = owner.get(SENDERS).await.expect(200);
    assert_eq!(list["items"], json!([]), "nothing is kept");

    let mut stored = bare.clone();
    stored["encryption"] = "TLS".into();
    stored["username"] = "mailer".into();
    let unknown = owner.post(VERIFY, &stored).await;
    unknown.expect_problem(400, "secret_required");
    let mut with = stored.clone();
    with["password"] = "hunter2".into();
    let config = format!("{CONSOLE}/notifiers/default-email-notifier/sender-config");
    owner.post(&config, &with).await.expect(200);
    // The relay offers no TLS, so that the password goes nowhere.
    let failed = owner
        .post(VERIFY, &stored)
        .await
        .expect_problem(400, "sender_not_reached");
    assert_eq!(failed["errors"][4]["field"], "starttls", "{failed}");
    assert_eq!(relay.count("AUTH"), 0);
    for (field, value) in [
        ("host", json!("localhost")),
        ("port", json!(587)),
        ("username", json!("eve")),
        ("encryption", json!("SSL")),
    ] {
        let mut other = stored.clone();
        other[field] = value;
        owner.post(VERIFY, &other).await.expect_problem(400, "secret_required");
    }
    patch(
        &owner,
        &format!("{SENDERS}/default"),
        &json!({ "spec": { "enabled": false } }),
    )
    .await
    .expect(200);
}
