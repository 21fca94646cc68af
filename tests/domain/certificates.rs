//! What a proxy in front is told of hosts that want certificates.

use super::{claim, prove, unique, with_address};
use crate::support::{TestApp, client};
use std::time::Duration;
use tenantry::{internal, kit::serve};

/// Starts the internal listener of a server, and returns where it is.
fn listen(app: &TestApp) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let limits = app.app.config.limits(1 << 20);
    let never = std::future::pending();
    tokio::spawn(serve::run(
        listener,
        internal::routes(&app.app),
        limits,
        never,
        Duration::ZERO,
    ));
    base
}

#[tokio::test]
async fn a_proxy_may_have_certificates_for_what_is_served_and_for_nothing_else() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let owner = app.tenant("acme").await.owner().await;
    let (proven, claimed) = (unique("proven"), unique("claimed"));
    prove(&owner, &proven).await;
    claim(&owner, &claimed).await;
    let base = listen(&app);
    let ask = async |domain: &str| {
        let asked = client().get(format!("{base}/tls/ask?domain={domain}")).send().await;
        asked.unwrap().status().as_u16()
    };
    for (domain, status) in [
        ("id.test", 200),
        ("ID.test", 200),
        ("acme.id.test", 200),
        (proven.as_str(), 200),
        (claimed.as_str(), 404),
        ("nobody.id.test", 404),
        ("evil.example", 404),
        ("", 404),
    ] {
        assert_eq!(ask(domain).await, status, "{domain}");
    }
    let none = client().get(format!("{base}/tls/ask")).send().await.unwrap();
    assert_eq!(none.status(), 400);
    // Nobody from outside gets here, through whatever leads to the server.
    let through = client().get(format!("{base}/tls/ask?domain=id.test"));
    let through = through.header("x-forwarded-for", "192.0.2.1").send().await.unwrap();
    assert_eq!(through.status(), 403);
    let other = client()
        .get(format!("{base}/apis/console/v1alpha1/tenant"))
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 404, "nothing else is there");

    let list = client().get(format!("{base}/tls/domains")).send().await.unwrap();
    let tag = list.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(list.text().await.unwrap(), format!("{proven}\n"));
    let again = client()
        .get(format!("{base}/tls/domains"))
        .header("if-none-match", &tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let removed = owner.delete(&format!("{}/{proven}", super::domains())).await;
    removed.expect(204);
    app.advance(2);
    assert_eq!(ask(&proven).await, 404);
}
