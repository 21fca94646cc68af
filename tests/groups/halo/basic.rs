//! HTTP Basic: name and password in the request itself, where the tenant wants it.

use super::USERS;
use crate::support::{PASSWORD, Person, Reply, Tenant, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const POLICY: &str = "/apis/console/v1alpha1/policies/authentication";

async fn set_basic(owner: &Person<'_>, on: bool) {
    let policy = json!({ "spec": { "basicAuth": on } });
    let set = owner.put(POLICY, &policy).await.expect(200);
    assert_eq!(set["spec"]["basicAuth"], on);
}

/// Asks for the caller's own user, by name and password alone.
async fn ask(tenant: &Tenant<'_>, name: &str, password: &str, headers: &[(&str, &str)]) -> Reply {
    let anybody = tenant.anybody();
    let request = anybody
        .request(Method::GET, &format!("{USERS}/-"))
        .basic_auth(name, Some(password))
        .header("x-requested-with", "XMLHttpRequest");
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    anybody.send(request).await
}

#[track_caller]
fn is_refused(reply: Reply) {
    assert!(reply.header("www-authenticate").starts_with("Bearer"));
    reply.expect_problem(401, "unauthenticated");
}

#[track_caller]
fn is_let_in(reply: Reply, name: &str) {
    assert_eq!(reply.expect(200)["user"]["metadata"]["name"], name);
}

#[tokio::test]
async fn a_password_in_the_request_is_taken_only_while_the_tenant_says_so() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let policy = owner.get(POLICY).await.expect(200);
    assert_eq!(policy["spec"]["basicAuth"], false, "as it is by default");

    is_refused(ask(&tenant, "admin", PASSWORD, &[]).await);
    set_basic(&owner, true).await;
    is_let_in(ask(&tenant, "admin", PASSWORD, &[]).await, "admin");
    is_let_in(ask(&tenant, "ADMIN@localhost", PASSWORD, &[]).await, "admin");
    set_basic(&owner, false).await;
    is_refused(ask(&tenant, "admin", PASSWORD, &[]).await);
}

#[tokio::test]
async fn a_password_in_the_request_does_what_a_session_may() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_basic(&owner, true).await;
    tenant.sign_up("ada").await;
    app.work().await;

    let list = async |name: &str| {
        let anybody = tenant.anybody();
        let request = anybody.request(Method::GET, USERS).basic_auth(name, Some(PASSWORD));
        anybody.send(request).await
    };
    assert_eq!(list("admin").await.expect(200)["total"], 2);
    list("ada").await.expect_problem(403, "forbidden");

    let anybody = tenant.anybody();
    let new = json!({ "name": "bob", "email": "bob@example.test" });
    let create = anybody.request(Method::POST, USERS).basic_auth("admin", Some(PASSWORD));
    anybody.send(create.json(&new)).await.expect(200);
    let sessions = owner.get(&format!("{USERS}/-/sessions")).await.expect(200);
    assert_eq!(
        sessions["items"].as_array().map(Vec::len),
        Some(1),
        "it begins no session"
    );
    let events = owner
        .get("/apis/console/v1alpha1/audit-events?action=users:create")
        .await
        .expect(200);
    assert_eq!(
        (&events["items"][0]["actor"], events["items"][0].get("sessionId")),
        (&json!("admin"), None)
    );
}

#[tokio::test]
async fn a_wrong_password_and_a_disabled_user_are_refused() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_basic(&owner, true).await;
    tenant.sign_up("ada").await;
    app.work().await;

    is_let_in(ask(&tenant, "ada", PASSWORD, &[]).await, "ada");
    for (name, password) in [
        ("ada", "not the password"),
        ("ada", ""),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("ada\0", PASSWORD),
        ("ada:x", PASSWORD),
    ] {
        is_refused(ask(&tenant, name, password, &[]).await);
    }
    owner
        .post(&format!("{USERS}/ada/disable"), &Value::Null)
        .await
        .expect(200);
    is_refused(ask(&tenant, "ada", PASSWORD, &[]).await);
    owner
        .post(&format!("{USERS}/ada/enable"), &Value::Null)
        .await
        .expect(200);
    is_let_in(ask(&tenant, "ada", PASSWORD, &[]).await, "ada");
}

#[tokio::test]
async fn who_has_to_choose_a_password_may_do_nothing_else_with_the_one_they_have() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_basic(&owner, true).await;
    tenant.sign_up("ada").await;
    app.work().await;
    let given = json!({ "password": "chosen for ada today", "mustChange": true });
    owner.put(&format!("{USERS}/ada/password"), &given).await.expect(200);

    is_let_in(ask(&tenant, "ada", "chosen for ada today", &[]).await, "ada");
    let anybody = tenant.anybody();
    let basic = |method, path| {
        anybody
            .request(method, path)
            .basic_auth("ada", Some("chosen for ada today"))
    };
    let own = format!("{USERS}/-");
    let profile = json!({ "metadata": { "name": "ada" }, "spec": { "displayName": "Ada" } });
    let update = anybody.send(basic(Method::PUT, &own).json(&profile)).await;
    update.expect_problem(403, "password_change_required");
    let change = json!({ "oldPassword": "chosen for ada today", "password": PASSWORD });
    let change = basic(Method::PUT, &format!("{own}/password")).json(&change);
    anybody.send(change).await.expect(200);
    let update = anybody.request(Method::PUT, &own).basic_auth("ada", Some(PASSWORD));
    anybody.send(update.json(&profile)).await.expect(200);
}

#[tokio::test]
async fn a_browser_on_another_site_cannot_use_a_password_it_remembers() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    set_basic(&tenant.owner().await, true).await;
    for site in ["cross-site", "same-site", "", "CROSS-SITE"] {
        is_refused(ask(&tenant, "admin", PASSWORD, &[("sec-fetch-site", site)]).await);
    }
    for site in ["same-origin", "none"] {
        is_let_in(
            ask(&tenant, "admin", PASSWORD, &[("sec-fetch-site", site)]).await,
            "admin",
        );
    }
}

#[tokio::test]
async fn neither_people_nor_the_decision_of_one_tenant_count_in_another() {
    let app = TestApp::start().await;
    let (home, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (owner, owner_of_acme) = (home.owner().await, acme.owner().await);
    acme.sign_up("bob").await;
    app.work().await;

    set_basic(&owner_of_acme, true).await;
    is_let_in(ask(&acme, "bob", PASSWORD, &[]).await, "bob");
    is_refused(ask(&home, "admin", PASSWORD, &[]).await);

    set_basic(&owner, true).await;
    is_let_in(ask(&home, "admin", PASSWORD, &[]).await, "admin");
    for name in ["bob", "bob@example.com"] {
        is_refused(ask(&home, name, PASSWORD, &[]).await);
        is_let_in(ask(&acme, name, PASSWORD, &[]).await, "bob");
    }
}
