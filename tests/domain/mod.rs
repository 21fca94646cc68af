//! Domains of a tenant's own: claimed by anybody, proven by whoever runs them.

mod certificates;
mod moved;
mod told;

use crate::{
    instance::TENANTS,
    support::{
        Person, Reply, Tenant, TestApp, dns,
        roles::{CONSOLE, wrong_fields},
    },
};
use reqwest::Method;
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

fn domains() -> String {
    format!("{CONSOLE}/domains")
}

/// A domain that no other test has.
fn unique(label: &str) -> String {
    let mark = u64::from_be_bytes(tenantry::kit::secret::random());
    format!("{label}-{mark:x}.example")
}

/// Claims a domain, and returns its record.
async fn claim(owner: &Person<'_>, domain: &str) -> (String, String) {
    let new = json!({ "metadata": { "name": domain } });
    let claimed = owner.post(&domains(), &new).await.expect(200);
    let record = &claimed["status"]["record"];
    let part = |part: &str| record[part].as_str().unwrap().to_owned();
    (part("name"), part("value"))
}

/// Claims a domain, publishes its record and proves it.
async fn prove(owner: &Person<'_>, domain: &str) {
    let (name, value) = claim(owner, domain).await;
    dns::USUAL.say(&name, &[&value]);
    owner
        .post(&format!("{}/{domain}/verify", domains()), &json!({}))
        .await
        .expect(200);
}

/// Sends a request to the host of a domain.
async fn at(app: &TestApp, domain: &str, path: &str) -> Reply {
    let anybody = app.default_tenant().anybody();
    let request = anybody.request(Method::GET, path).header("host", domain);
    anybody.send(request).await
}

/// The tenant that answers at a host; none where nobody does.
async fn whose(app: &TestApp, domain: &str) -> Option<Value> {
    let reply = at(app, domain, &format!("{CONSOLE}/tenant")).await;
    match reply.status.as_u16() {
        404 => None,
        _ => Some(reply.expect(200)["name"].take()),
    }
}

/// A server that has an address of its own, so that no other host leads to it.
async fn with_address() -> TestApp {
    TestApp::start_with(|config| config.public_url = Some("http://id.test".parse().unwrap())).await
}

#[tokio::test]
async fn a_domain_is_a_tenants_once_its_record_is_there() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let owner = acme.owner().await;
    let domain = unique("login");
    let (name, value) = claim(&owner, &domain).await;
    assert_eq!(name, format!("_tenantry-challenge.{domain}"));
    let verify = format!("{}/{domain}/verify", domains());
    let body = owner
        .post(&verify, &json!({}))
        .await
        .expect_problem(400, "domain_not_proven");
    assert_eq!(body["errors"][0]["detail"], format!("TXT {name}"));
    assert!(
        body["errors"][1]["detail"]
            .as_str()
            .unwrap()
            .contains("no text of this name"),
        "{body}"
    );
    dns::USUAL.say(&name, &["tenantry-domain=somebody-else"]);
    let body = owner
        .post(&verify, &json!({}))
        .await
        .expect_problem(400, "domain_not_proven");
    assert!(
        body["errors"][1]["detail"].as_str().unwrap().contains("somebody-else"),
        "{body}"
    );
    assert_eq!(whose(&app, &domain).await, None, "a claim is nothing");

    dns::USUAL.say(&name, &["v=spf1 -all", &value]);
    let proven = owner.post(&verify, &json!({})).await.expect(200);
    assert_eq!(
        (&proven["status"]["state"], &proven["status"]["canonical"]),
        (&json!("verified"), &json!(false))
    );
    app.advance(2);
    assert_eq!(whose(&app, &domain).await, Some(json!("acme")));
    assert_eq!(whose(&app, &domain.to_uppercase()).await, Some(json!("acme")));
    assert_eq!(whose(&app, &format!("{domain}:8443")).await, Some(json!("acme")));
    assert_eq!(
        whose(&app, &format!("{domain}.")).await,
        Some(json!("acme")),
        "with the dot of the root"
    );
    assert_eq!(whose(&app, &format!("a.{domain}")).await, None);
    // Nobody else lives there.
    let other = at(&app, &domain, &format!("/t/default{CONSOLE}/tenant")).await;
    other.expect_problem(404, "tenant_not_found");
    let own = at(&app, &domain, &format!("/t/acme{CONSOLE}/tenant")).await;
    assert_eq!(own.expect(200)["name"], "acme");

    owner.delete(&format!("{}/{domain}", domains())).await.expect(204);
    app.advance(2);
    assert_eq!(whose(&app, &domain).await, None);
}

#[tokio::test]
async fn a_record_is_looked_for_ten_times_an_hour_when_asked_to() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.tenant("acme").await.owner().await;
    let (one, other) = (unique("one"), unique("other"));
    let (name, value) = claim(&owner, &one).await;
    claim(&owner, &other).await;
    let verify = |domain: &str| format!("{}/{domain}/verify", domains());
    for _ in 0..10 {
        let looked = owner.post(&verify(&one), &json!({})).await;
        looked.expect_problem(400, "domain_not_proven");
    }
    dns::USUAL.say(&name, &[&value]);
    let over = owner.post(&verify(&one), &json!({})).await;
    over.expect_problem(429, "too_many_attempts");
    let looked = owner.post(&verify(&other), &json!({})).await;
    looked.expect_problem(400, "domain_not_proven");
    app.advance(3600);
    let owner = owner.tenant.sign_in("admin").await;
    owner.post(&verify(&one), &json!({})).await.expect(200);
}

#[tokio::test]
async fn who_proves_a_domain_first_has_it_and_a_claim_keeps_nobody_from_it() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let (ada, bob) = (a.owner().await, b.owner().await);
    let domain = unique("shared");
    let (name, of_a) = claim(&ada, &domain).await;
    let (_, of_b) = claim(&bob, &domain).await;
    assert_ne!(of_a, of_b, "the record of one is of no use to the other");
    assert_eq!(claim(&ada, &domain).await.1, of_a, "and stays the same");
    dns::USUAL.say(&name, &[&of_b]);
    let verify = format!("{}/{domain}/verify", domains());
    ada.post(&verify, &json!({}))
        .await
        .expect_problem(400, "domain_not_proven");
    bob.post(&verify, &json!({})).await.expect(200);
    dns::USUAL.say(&name, &[&of_a, &of_b]);
    ada.post(&verify, &json!({})).await.expect_problem(409, "domain_taken");
    // Nobody sees what others claim.
    assert_eq!(ada.get(&domains()).await.expect(200)["total"], 1);
    ada.get(&format!("{}/{}", domains(), unique("x")))
        .await
        .expect_problem(404, "domain_not_found");
}

#[tokio::test]
async fn a_host_that_is_nobodys_is_not_the_default_tenants() {
    let app = with_address().await;
    app.tenant("acme").await;
    for (host, tenant) in [
        ("id.test", Some("default")),
        ("ID.test:80", Some("default")),
        ("acme.id.test", Some("acme")),
        ("localhost:8080", Some("default")),
        ("127.0.0.1", Some("default")),
        ("[::1]:8080", Some("default")),
        ("tenantry", Some("default")),
        ("nobody.test", None),
        ("notid.test", None),
        ("id.test.evil.example", None),
        ("nobody.id.test", None),
    ] {
        assert_eq!(whose(&app, host).await, tenant.map(Value::from), "{host}");
    }
    // Where the server was given no address, whatever leads to it is its own.
    let anywhere = TestApp::start().await;
    assert_eq!(whose(&anywhere, "whatever.example").await, Some(json!("default")));
}

#[tokio::test]
async fn a_domain_whose_record_goes_is_the_tenants_for_thirty_days_more() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let owner = acme.owner().await;
    let domain = unique("fading");
    prove(&owner, &domain).await;
    dns::USUAL.say(&format!("_tenantry-challenge.{domain}"), &[]);
    let shown = async || {
        let owner = acme.owner().await;
        owner.get(&format!("{}/{domain}", domains())).await.expect(200)["status"].take()
    };
    app.advance(DAY + 1);
    app.work().await;
    let status = shown().await;
    assert_eq!(status["state"], "failing");
    assert!(status["problem"].as_str().unwrap().contains("no text"), "{status}");
    assert_eq!(whose(&app, &domain).await, Some(json!("acme")), "it is still theirs");
    for _ in 0..31 {
        app.advance(DAY + 1);
        app.work().await;
    }
    assert_eq!(shown().await["state"], "pending");
    assert_eq!(whose(&app, &domain).await, None);
}

#[tokio::test]
async fn only_domains_are_claimed_and_none_of_the_instances_own() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let owner = app.tenant("acme").await.owner().await;
    for bad in [
        "id.test",
        "acme.id.test",
        "localhost",
        "127.0.0.1",
        "*.a.example",
        "a.example:80",
        "https://a.example",
        "a b.example",
        "",
    ] {
        let new = json!({ "metadata": { "name": bad } });
        let refused = owner.post(&domains(), &new).await;
        assert_eq!(wrong_fields(refused), ["metadata.name"], "{bad}");
    }
    let look_alike = json!({ "metadata": { "name": "Bücher.example" } });
    let claimed = owner.post(&domains(), &look_alike).await.expect(200);
    assert_eq!(claimed["metadata"]["name"], "xn--bcher-kva.example");
}

#[tokio::test]
async fn an_operator_sees_the_domains_of_all_and_takes_one_away() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let acme: Tenant<'_> = app.tenant("acme").await;
    let owner = acme.owner().await;
    let domain = unique("taken");
    prove(&owner, &domain).await;
    let operator = app.default_tenant().owner().await;
    let list = format!("/apis/system/v1alpha1/domains?keyword={domain}");
    let listed = operator.get(&list).await.expect(200);
    assert_eq!(
        (
            &listed["items"][0]["status"]["tenant"],
            &listed["items"][0]["status"]["state"]
        ),
        (&json!("acme"), &json!("verified"))
    );
    for (tenant, total) in [("acme", 1), ("default", 0)] {
        let of = operator
            .get(&format!("/apis/system/v1alpha1/domains?tenant={tenant}"))
            .await;
        assert_eq!(of.expect(200)["total"], total, "{tenant}");
    }
    let nobody = operator.get("/apis/system/v1alpha1/domains?tenant=nobody").await;
    nobody.expect_problem(404, "tenant_not_found");
    let release = format!("{TENANTS}/acme/domains/{domain}/release");
    operator.post(&release, &json!({})).await.expect(204);
    operator
        .post(&release, &json!({}))
        .await
        .expect_problem(404, "domain_not_found");
    app.advance(2);
    assert_eq!(whose(&app, &domain).await, None);
    assert_eq!(owner.get(&domains()).await.expect(200)["total"], 0);
}
