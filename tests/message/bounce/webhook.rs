//! Reports of mail providers, signed.

use super::{newest, send, start, state, undeliverable};
use crate::support::{
    Person, Reply, Tenant,
    bounce::{foreign, sign},
    relay::Relay,
    roles::{CONSOLE, make_person},
};
use reqwest::Method;
use serde_json::{Value, json};

const REPORTS: &str = "/apis/console/v1alpha1/notifiers/default-email-notifier/bounces";
const SECRET: &str = "/apis/console/v1alpha1/notifiers/default-email-notifier/bounce-secret";

async fn make_secret(owner: &Person<'_>) -> String {
    let made = owner.post(SECRET, &Value::Null).await.expect(200);
    made["secret"].as_str().unwrap().to_owned()
}

async fn report(tenant: &Tenant<'_>, signature: &str, body: &str) -> Reply {
    let anybody = tenant.anybody();
    let mut request = anybody
        .request(Method::POST, REPORTS)
        .header("content-type", "application/json")
        .body(body.to_owned());
    if !signature.is_empty() {
        request = request.header("x-tenantry-signature", signature);
    }
    anybody.send(request).await
}

fn event(token: &str, kind: &str, status: &str) -> Value {
    json!({ "token": token, "kind": kind, "status": status, "diagnostic": "smtp; no" })
}

#[tokio::test]
async fn a_provider_reports_what_came_back() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let secret = make_secret(&owner).await;
    assert!(secret.len() >= 32);
    let shown = owner.get(SECRET).await.expect(200);
    assert!(shown["url"].as_str().unwrap().ends_with(REPORTS), "{shown}");
    assert!(
        shown["setAt"].is_string() && !shown.to_string().contains(&secret),
        "{shown}"
    );

    let back = send(&tenant, &relay, "ada@example.com").await;
    let (local, _) = back.split_once('@').unwrap();
    let mut unknown = local.to_owned();
    unknown.replace_range(10..14, "aaaa");
    let body = json!({ "events": [
        event(&back, "bounce", "5.1.1"),
        event(local, "bounce", "5.1.1"),
        event(&unknown, "bounce", "5.1.1"),
        event(&foreign(&app, local), "complaint", "5.1.1"),
        { "kind": "bounce" },
        { "messageId": "<msg_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f@mx.example>", "kind": "delay" },
    ] })
    .to_string();
    let answer = report(&tenant, &sign(&app, &secret, &body), &body).await.expect(202);
    assert_eq!(answer, json!({ "taken": 2, "unknown": 4 }));
    assert_eq!(state(&owner).await.0, "bounced");
    assert_eq!(undeliverable(&owner).await.len(), 1);
    let path = format!("{CONSOLE}/audit-events?action=bounces:create");
    assert_eq!(owner.get(&path).await.expect(200)["total"], 1);
    // The same once more is no other event.
    report(&tenant, &sign(&app, &secret, &body), &body).await.expect(202);
    assert_eq!(owner.get(&path).await.expect(200)["total"], 1);
    assert!(!app.dump().await.contains(&secret), "it is sealed");
}

#[tokio::test]
async fn a_message_is_named_by_its_id_and_what_arrived_is_forgiven() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    let secret = make_secret(&tenant.owner().await).await;
    let tell = async |name: &Value, kind: &str, at: Option<String>| {
        let mut event = json!({ "messageId": name, "kind": kind });
        if let Some(at) = at {
            event["at"] = at.into();
        }
        let body = json!({ "events": [event] }).to_string();
        report(&tenant, &sign(&app, &secret, &body), &body).await.expect(202)
    };
    for _ in 1..=4 {
        send(&tenant, &relay, "ada@example.com").await;
        let name = newest(&tenant.owner().await).await["metadata"]["name"].clone();
        tell(&name, "delay", None).await;
        app.advance(3601);
    }
    send(&tenant, &relay, "ada@example.com").await;
    let sent = app.clock.now();
    app.advance(30);
    let message = newest(&tenant.owner().await).await;
    let id = format!("<{}@localhost>", message["metadata"]["name"].as_str().unwrap());
    assert_eq!(tell(&json!(id), "delivered", Some(sent.to_rfc3339())).await["taken"], 1);
    let status = newest(&tenant.owner().await).await["status"].clone();
    assert_eq!(status["state"], "sent");
    assert_eq!(status["deliveredAt"].as_str().unwrap()[..19], sent.to_rfc3339()[..19]);
    assert_eq!(app.count("select count(*) from address_health").await, 0);
    // It may be complained of all the same.
    tell(&json!(id), "complaint", None).await;
    assert_eq!(state(&tenant.owner().await).await.0, "complained");
}

#[tokio::test]
async fn a_report_that_is_not_signed_now_by_the_secret_changes_nothing() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let back = send(&tenant, &relay, "ada@example.com").await;
    let body = json!({ "events": [event(&back, "bounce", "5.1.1")] }).to_string();
    let refused = async |signature: &str, body: &str| {
        report(&tenant, signature, body)
            .await
            .expect_problem(401, "signature_invalid");
    };
    // Before there is a secret, none is right, and least of all an empty one.
    refused(&sign(&app, "", &body), &body).await;
    refused("", &body).await;
    let other = app.tenant("other").await;
    let of_other = make_secret(&other.owner().await).await;
    let secret = make_secret(&owner).await;
    let good = sign(&app, &secret, &body);
    for wrong in [
        "",
        "t=,v1=",
        "v1=00",
        &good[..good.len() - 1],
        &good.replace("v1=", "v0="),
        &sign(&app, &of_other, &body),
        &sign(&app, "", &body),
        &sign(&app, &secret, &format!("{body} ")),
    ] {
        refused(wrong, &body).await;
    }
    refused(&good, &body.replace("5.1.1", "5.1.2")).await;
    // What cannot be read is said only to who signs.
    refused("", "{").await;
    let text = "{";
    report(&tenant, &sign(&app, &secret, text), text)
        .await
        .expect_problem(400, "malformed");
    let wrong = json!({ "events": [{ "kind": "bounce", "status": "five" }] }).to_string();
    report(&tenant, &sign(&app, &secret, &wrong), &wrong)
        .await
        .expect_problem(400, "invalid");
    app.advance(301);
    refused(&good, &body).await;
    assert_eq!(state(&tenant.owner().await).await.0, "sent");
    app.advance(-602);
    refused(&good, &body).await;
    app.advance(301);
    report(&tenant, &good, &body).await.expect(202);
}

#[tokio::test]
async fn a_secret_is_rotated_with_a_day_for_the_one_before() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    let body = json!({ "events": [] }).to_string();
    let (first, second) = {
        let owner = tenant.owner().await;
        (make_secret(&owner).await, make_secret(&owner).await)
    };
    let good = async |secret: &str| report(&tenant, &sign(&app, secret, &body), &body).await.status.as_u16();
    assert_eq!((good(&first).await, good(&second).await), (202, 202));
    let owner = tenant.owner().await;
    assert!(owner.get(SECRET).await.expect(200)["previousUntil"].is_string());
    app.advance(24 * 3600 + 1);
    assert_eq!((good(&first).await, good(&second).await), (401, 202));
    let owner = tenant.owner().await;
    let auditor = make_person(&owner, "bob", "auditor").await;
    auditor.get(SECRET).await.expect_problem(403, "forbidden");
    auditor
        .post(SECRET, &Value::Null)
        .await
        .expect_problem(403, "forbidden");
    owner.delete(SECRET).await.expect(204);
    owner.delete(SECRET).await.expect_problem(404, "secret_not_found");
    assert_eq!(good(&second).await, 401);
}
