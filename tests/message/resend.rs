//! Messages that are sent again: which, how often, and what becomes of the codes in them.

use crate::support::{Person, TestApp, code_in, smtp::Sink};
use serde_json::{Value, json};

const MESSAGES: &str = "/apis/console/v1alpha1/messages";
const FAIL: &str = "update message set state = 'failed'";

/// The newest message.
async fn newest(owner: &Person<'_>) -> Value {
    let list = owner.get(MESSAGES).await.expect(200);
    list["items"][0].clone()
}

fn resend(message: &Value) -> String {
    format!("{MESSAGES}/{}/resend", message["metadata"]["name"].as_str().unwrap())
}

async fn refused(owner: &Person<'_>, message: &Value) {
    let again = owner.post(&resend(message), &json!({})).await;
    again.expect_problem(409, "message_not_resendable");
}

#[tokio::test]
async fn a_message_that_failed_is_sent_again_as_a_new_one() {
    let refusing = Sink::start(0, &["--reject"]);
    let (port, url) = (refusing.port, refusing.url());
    let app = TestApp::start_with(|config| config.smtp_url = Some(url)).await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    drop(refusing);
    let owner = tenant.owner().await;
    let failed = newest(&owner).await;
    assert_eq!(failed["status"]["state"], "failed");

    ada.post(&resend(&failed), &json!({}))
        .await
        .expect_problem(403, "forbidden");
    let again = owner.post(&resend(&failed), &json!({})).await.expect(200);
    assert_eq!(again["status"]["state"], "queued");
    assert_eq!(again["status"]["resendOf"], failed["metadata"]["name"]);
    assert_eq!(again["spec"]["to"], "ada@example.com");
    let event = owner.get("/apis/console/v1alpha1/audit-events").await.expect(200)["items"][0].take();
    assert_eq!(event["action"], "messages:resend", "{event}");
    assert_eq!(event["changes"][0]["name"], again["metadata"]["name"]);
    assert_eq!(event["changes"][0]["after"]["resendOf"], failed["metadata"]["name"]);
    refused(&owner, &again).await;
    // What was sent again is not sent a third time; the other one is, if it fails.
    refused(&owner, &failed).await;
    app.work().await;
    let deferred = newest(&owner).await;
    assert_eq!(deferred["status"]["state"], "deferred");
    refused(&owner, &deferred).await;

    let mut sink = Sink::start(port, &[]);
    app.advance(3);
    app.work().await;
    let proof = json!({ "code": code_in(sink.next()["text"].as_str().unwrap()) });
    ada.post("/auth/v1/users/me/email/_verify", &proof).await.expect(200);
    let sent = newest(&owner).await;
    assert_eq!(
        (&sent["metadata"]["name"], &sent["status"]["state"]),
        (&again["metadata"]["name"], &json!("sent"))
    );
    refused(&owner, &sent).await;
    assert_eq!(sink.stop(), Vec::<Value>::new());
}

#[tokio::test]
async fn the_code_of_a_message_is_good_no_more_once_it_is_sent_again() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    let old = tenant.code_to("ada@example.com").await;
    let owner = tenant.owner().await;
    app.execute(FAIL).await;
    let failed = newest(&owner).await;
    owner.post(&resend(&failed), &json!({})).await.expect(200);
    let verify = "/auth/v1/users/me/email/_verify";
    let late = ada.post(verify, &json!({ "code": old })).await;
    assert_eq!(late.status, 400, "at once: {}", late.text);
    let new = tenant.code_to("ada@example.com").await;
    ada.post(verify, &json!({ "code": new })).await.expect(200);
}

#[tokio::test]
async fn what_is_not_over_or_too_old_is_not_sent_again() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    let owner = tenant.owner().await;
    let message = newest(&owner).await;
    for state in [
        "queued",
        "sending",
        "deferred",
        "sent",
        "kept",
        "failed",
        "cancelled",
        "dropped",
    ] {
        app.execute(&format!("update message set state = '{state}'")).await;
        if !matches!(state, "failed" | "cancelled") {
            refused(&owner, &message).await;
        }
    }
    // Nobody waits for a code any more that was asked for an hour ago.
    app.execute(FAIL).await;
    app.advance(3601);
    let owner = tenant.owner().await;
    refused(&owner, &message).await;
    owner
        .post(&format!("{MESSAGES}/msg_{}/resend", "0".repeat(32)), &json!({}))
        .await
        .expect_problem(404, "message_not_found");

    // What has no code is as good for a day.
    let test = "/apis/console/v1alpha1/message-templates/verify_email/en/test";
    for (to, hours, status) in [("a@example.com", 23, 200), ("b@example.com", 25, 409)] {
        let owner = tenant.owner().await;
        owner.post(test, &json!({ "to": to })).await.expect(200);
        app.execute(FAIL).await;
        let message = newest(&owner).await;
        app.advance(hours * 3600);
        let owner = tenant.owner().await;
        assert_eq!(owner.post(&resend(&message), &json!({})).await.status, status, "{to}");
    }
    app.work().await;
}

#[tokio::test]
async fn a_message_that_is_sent_again_counts_for_its_address() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    let owner = tenant.owner().await;
    for _ in 1..5 {
        app.execute(FAIL).await;
        let failed = newest(&owner).await;
        owner.post(&resend(&failed), &json!({})).await.expect(200);
        app.advance(1);
    }
    app.execute(FAIL).await;
    let failed = newest(&owner).await;
    owner
        .post(&resend(&failed), &json!({}))
        .await
        .expect_problem(429, "too_many_codes");
    // What was refused changes nothing.
    app.advance(600);
    let owner = tenant.owner().await;
    owner.post(&resend(&failed), &json!({})).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn of_many_who_send_a_message_again_at_once_one_does() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    app.execute(FAIL).await;
    let owner = tenant.owner().await;
    let path = resend(&newest(&owner).await);
    let body = json!({});
    let answers = futures_util::future::join_all((0..8).map(|_| owner.post(&path, &body))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    app.work().await;
}
