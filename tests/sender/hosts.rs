//! Where relays may be: nowhere that a tenant has no business to be.

use super::{SENDERS, change, make};
use crate::support::{TestApp, relay::Relay, smtp::sender_at};
use serde_json::json;

/// A server that others than this machine reach, which lets relays be in these networks.
async fn start(allowed: &[&str], port: u16) -> TestApp {
    let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
    TestApp::start_with(|config| {
        config.public_url = Some("https://id.example.com".parse().unwrap());
        config.outbound_allow = allowed;
        config.smtp_ports.push(port);
    })
    .await
}

const INSIDE: [&str; 8] = [
    "127.0.0.1",
    "localhost",
    "10.0.0.1",
    "169.254.169.254",
    "::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "0.0.0.0",
];

#[tokio::test]
async fn a_relay_inside_is_refused_unless_the_operator_allows_its_network() {
    let app = start(&[], 2525).await;
    let owner = app.default_tenant().owner().await;
    for host in INSIDE {
        let mut new = sender_at("main", 587);
        new["spec"]["host"] = host.into();
        new["spec"]["encryption"] = "starttls".into();
        let refused = owner.post(SENDERS, &new).await;
        let problem = refused.expect_problem(400, "sender_host_refused");
        assert_eq!(problem["errors"][0]["field"], "spec.host", "{host}");
    }
    let mut new = sender_at("main", 587);
    new["spec"]["encryption"] = "starttls".into();
    new["spec"]["host"] = "1.1.1.1".into();
    make(&owner, &new).await;
    change(&owner, "main", json!({ "host": "127.0.0.1" }))
        .await
        .expect_problem(400, "sender_host_refused");
    change(&owner, "main", json!({ "encryption": "none" }))
        .await
        .expect_problem(400, "encryption_required");
    drop(app);

    let app = start(&["127.0.0.0/8", "10.0.0.0/8"], 2525).await;
    let owner = app.default_tenant().owner().await;
    for (number, host) in ["127.0.0.1", "10.0.0.1"].into_iter().enumerate() {
        let mut new = sender_at(&format!("relay-{number}"), 2525);
        new["spec"]["host"] = host.into();
        make(&owner, &new).await;
    }
}

#[tokio::test]
async fn mail_goes_to_no_relay_whose_network_is_not_allowed_any_more() {
    let relay = Relay::start().await;
    let mut app = start(&["127.0.0.0/8"], relay.port).await;
    let tenant = app.default_tenant();
    make(&tenant.owner().await, &sender_at("main", relay.port)).await;
    tenant.sign_up("ada").await;
    app.work().await;
    assert_eq!(relay.taken().len(), 1, "the control: it is reached while it may be");
    // As where a name says another address than when the sender was kept.
    app.execute("update sender set host = '127.0.0.1', version = 7").await;
    let connections = relay.count("EHLO");
    drop(app);

    app = start(&[], relay.port).await;
    let tenant = app.default_tenant();
    let mut new = sender_at("main", relay.port);
    new["spec"]["host"] = "1.1.1.1".into();
    new["spec"]["encryption"] = "starttls".into();
    make(&tenant.owner().await, &new).await;
    app.execute("update sender set host = '127.0.0.1'").await;
    tenant.sign_up("ada").await;
    app.work().await;
    assert_eq!(relay.count("EHLO"), connections, "nobody connected");
    let list = tenant
        .owner()
        .await
        .get("/apis/console/v1alpha1/messages")
        .await
        .expect(200);
    let error = list["items"][0]["status"]["lastError"].as_str().unwrap();
    assert!(error.contains("outbound_allow"), "{error}");
    app.abandon_jobs();
}
