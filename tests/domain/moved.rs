//! A tenant whose addresses begin with a domain of its own: another issuer, and nobody is signed out by it.

use super::{at, domains, prove, unique, with_address};
use crate::support::{
    PASSWORD, Person, Reply, TestApp,
    roles::{CONSOLE, count_events},
};
use reqwest::Method;
use serde_json::{Value, json};

async fn choose(owner: &Person<'_>, domain: &str, verb: &str, confirm: bool) -> Value {
    let path = format!("{}/{domain}/{verb}", domains());
    owner.post(&path, &json!({ "confirm": confirm })).await.expect(200)
}

/// The issuer that a document says, at a host.
async fn issuer(app: &TestApp, host: &str, path: &str) -> Value {
    at(app, host, path).await.expect(200)["issuer"].take()
}

const METADATA: &str = "/.well-known/openid-configuration";

/// The caller as they are seen with this token at a host.
async fn seen(app: &TestApp, host: &str, by: &Person<'_>) -> Reply {
    let anybody = app.default_tenant().anybody();
    let request = anybody
        .request(Method::GET, &format!("{CONSOLE}/users/-"))
        .header("host", host);
    let token = by.tokens["accessToken"].as_str().unwrap();
    anybody.send(request.bearer_auth(token)).await
}

#[tokio::test]
async fn what_depends_on_an_address_is_told_before_it_changes_and_then_it_is_the_same_everywhere() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let owner = app.tenant("acme").await.owner().await;
    let domain = unique("home");
    prove(&owner, &domain).await;
    app.advance(2);
    let (old, new) = ("http://id.test/t/acme".to_owned(), format!("http://{domain}"));
    assert_eq!(
        issuer(&app, &domain, METADATA).await,
        old,
        "an alias is the same issuer"
    );
    let shop = json!({ "preset": "native", "metadata": { "name": "shop" } });
    owner.post(&format!("{CONSOLE}/applications"), &shop).await.expect(200);
    let events = count_events(&owner).await;
    let told = choose(&owner, &domain, "make-canonical", false).await;
    assert_eq!(
        count_events(&owner).await,
        events + 1,
        "that it was asked is said as well"
    );
    let members = ["done", "from", "to", "applications", "invitations"].map(|member| told[member].clone());
    assert_eq!(json!(members), json!([false, old, new, ["shop"], 0]));
    app.advance(2);
    assert_eq!(issuer(&app, &domain, METADATA).await, old, "nothing was done");

    assert_eq!(choose(&owner, &domain, "make-canonical", true).await["done"], true);
    app.advance(2);
    // At every address of the tenant, the old one among them.
    assert_eq!(issuer(&app, &domain, METADATA).await, new);
    assert_eq!(issuer(&app, "id.test", &format!("/t/acme{METADATA}")).await, new);
    assert_eq!(issuer(&app, "id.test", &format!("{METADATA}/t/acme")).await, new);
    assert_eq!(
        issuer(&app, "id.test", METADATA).await,
        "http://id.test",
        "the default tenant stays"
    );
    let kept = owner.delete(&format!("{}/{domain}", domains())).await;
    kept.expect_problem(409, "domain_in_use");
}

#[tokio::test]
async fn a_tenant_moves_to_its_own_domain_and_back_and_nobody_is_signed_out() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let owner = acme.owner().await;
    let domain = unique("home");
    prove(&owner, &domain).await;
    choose(&owner, &domain, "make-canonical", true).await;
    app.advance(2);
    // A token from before is good at both addresses, and a new one as well.
    owner.get(&format!("{CONSOLE}/users/-")).await.expect(200);
    seen(&app, &domain, &owner).await.expect(200);
    let again = acme.owner().await;
    let claims = claims(again.tokens["accessToken"].as_str().unwrap());
    let new = json!(format!("http://{domain}"));
    assert_eq!((&claims["iss"], &claims["aud"]), (&new, &new));
    seen(&app, &domain, &again).await.expect(200);
    // And neither in another tenant.
    for by in [&owner, &again] {
        seen(&app, "id.test", by).await.expect_problem(401, "unauthenticated");
    }
    let refresh = json!({ "refreshToken": owner.tokens["refreshToken"] });
    acme.anybody().post("/v1/refresh", &refresh).await.expect(200);

    choose(&owner, &domain, "make-alias", true).await;
    app.advance(2);
    assert_eq!(issuer(&app, &domain, METADATA).await, "http://id.test/t/acme");
    for by in [&owner, &again] {
        seen(&app, &domain, by).await.expect(200);
    }
    owner.delete(&format!("{}/{domain}", domains())).await.expect(204);
    app.advance(2);
    // The domain may be somebody else's by now.
    again
        .get(&format!("{CONSOLE}/users/-"))
        .await
        .expect_problem(401, "unauthenticated");
}

fn claims(token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

#[tokio::test]
async fn who_comes_to_a_page_at_the_old_address_is_sent_on_and_programs_are_not() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let owner = acme.owner().await;
    let domain = unique("pages");
    prove(&owner, &domain).await;
    choose(&owner, &domain, "make-canonical", true).await;
    app.advance(2);
    let browse = async |host: &str, path: &str, accept: &str| {
        let anybody = app.default_tenant().anybody();
        let request = anybody.request(Method::GET, path).header("host", host);
        anybody.send(request.header("accept", accept)).await
    };
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    for (path, to) in [
        ("/t/acme/login?next=%2F", "/login?next=%2F"),
        ("/t/acme/console/", "/console/"),
    ] {
        let sent = browse("id.test", path, html).await;
        assert_eq!(sent.status, 308, "{path}");
        assert_eq!(sent.header("location"), format!("http://{domain}{to}"), "{path}");
    }
    let page = browse(&domain, "/login", html).await;
    assert_eq!(page.status, 200);
    assert!(
        !page.text.contains("/t/acme"),
        "its links are of its own: {}",
        page.text
    );
    let told = browse("id.test", &format!("/t/acme{CONSOLE}/tenant"), "*/*").await;
    assert_eq!(told.expect(200)["name"], "acme");

    // A form of the page is taken there, and the session's cookie is for there.
    let sign_in = json!({ "username": "admin", "password": PASSWORD });
    let anybody = app.default_tenant().anybody();
    let request = anybody
        .request(Method::POST, "/v1/login")
        .header("host", &domain)
        .json(&sign_in);
    anybody.send(request).await.expect(200);
    let mail = json!({ "spec": { "email": "ada@example.com" } });
    owner.post(&format!("{CONSOLE}/invitations"), &mail).await.expect(200);
    let text = acme.mail_to("ada@example.com").await[0].text().to_owned();
    assert!(text.contains(&format!("http://{domain}/login/")), "{text}");
}

#[tokio::test]
async fn only_a_domain_that_is_proven_is_chosen_and_the_default_tenant_has_the_instances() {
    let mut app = with_address().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let (operator, owner) = (app.default_tenant().owner().await, acme.owner().await);
    let (pending, proven) = (unique("pending"), unique("proven"));
    super::claim(&owner, &pending).await;
    let ask = json!({ "confirm": true });
    let path = format!("{}/{pending}/make-canonical", domains());
    owner.post(&path, &ask).await.expect_problem(400, "domain_not_proven");
    let nowhere = format!("{}/{}/make-canonical", domains(), unique("x"));
    owner.post(&nowhere, &ask).await.expect_problem(404, "domain_not_found");
    prove(&operator, &proven).await;
    let path = format!("{}/{proven}/make-canonical", domains());
    operator.post(&path, &ask).await.expect_problem(409, "default_tenant");
}
