//! The delivery log: what it is filtered by.

use crate::support::{
    TestApp,
    relay::Relay,
    smtp::{PORT, sender_at},
};
use reqwest::Method;
use serde_json::json;

const CONSOLE: &str = "/apis/console/v1alpha1";

#[tokio::test]
async fn messages_are_found_by_when_they_were_wanted_and_by_the_sender_that_took_them() {
    let relay = Relay::start().await;
    let port = relay.port;
    let app = TestApp::start_with(|config| config.smtp_ports = vec![port, *PORT]).await;
    let tenant = app.default_tenant();
    let mut owner = tenant.owner().await;
    let mut times = vec![];
    for (number, sender) in ["main", "spare"].into_iter().enumerate() {
        owner
            .post(&format!("{CONSOLE}/senders"), &sender_at(sender, port))
            .await
            .expect(200);
        let ask = json!({ "email": format!("user-{number}@example.com"), "purpose": "register" });
        let send = "/v1/email/send-verification";
        tenant.anybody().post(send, &ask).await.expect(200);
        app.work().await;
        let list = owner.get(&format!("{CONSOLE}/messages")).await.expect(200);
        let made = &list["items"][0]["metadata"]["creationTimestamp"];
        times.push(made.as_str().unwrap().to_owned());
        let off = json!({ "spec": { "enabled": false } });
        let patch = owner.request(Method::PATCH, &format!("{CONSOLE}/senders/{sender}"));
        owner.send(patch.json(&off)).await.expect(200);
        app.advance(60);
        owner = tenant.owner().await;
    }
    // Nothing has left of this one.
    let ask = json!({ "email": "user-2@example.com", "purpose": "register" });
    tenant
        .anybody()
        .post("/v1/email/send-verification", &ask)
        .await
        .expect(200);
    let (first, second) = (&times[0], &times[1]);
    for (query, found) in [
        (format!("createdAfter={second}"), vec!["user-2", "user-1"]),
        (format!("createdBefore={second}"), vec!["user-0"]),
        (format!("createdAfter={first}&createdBefore={second}"), vec!["user-0"]),
        ("fieldSelector=status.sender=main".to_owned(), vec!["user-0"]),
        (
            "fieldSelector=status.sender=(main,spare)".to_owned(),
            vec!["user-1", "user-0"],
        ),
        ("fieldSelector=status.sender!=main".to_owned(), vec!["user-2", "user-1"]),
        ("fieldSelector=status.sender=".to_owned(), vec!["user-2"]),
        ("fieldSelector=status.sender=nobody".to_owned(), vec![]),
        (
            format!("createdAfter={second}&fieldSelector=status.sender=main"),
            vec![],
        ),
    ] {
        let list = owner.get(&format!("{CONSOLE}/messages?{query}")).await.expect(200);
        let items = list["items"].as_array().unwrap().iter();
        let to: Vec<_> = items.map(|item| item["spec"]["to"].as_str().unwrap()).collect();
        let found: Vec<_> = found.iter().map(|name| format!("{name}@example.com")).collect();
        assert_eq!(to, found, "{query}");
        assert_eq!(list["total"], found.len(), "{query}");
    }
    let wrong = owner.get(&format!("{CONSOLE}/messages?createdAfter=today")).await;
    let problem = wrong.expect_problem(400, "invalid");
    assert_eq!(problem["errors"][0]["field"], "createdAfter");
    app.work().await;
}
