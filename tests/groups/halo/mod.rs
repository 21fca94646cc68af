//! Halo's console API, as its published client calls it.

mod basic;
mod recorded;
mod replay;

use crate::support::{PASSWORD, TestApp};
use reqwest::Method;
use serde_json::json;

/// Where the client finds users.
const USERS: &str = "/apis/api.console.halo.run/v1alpha1/users";
/// Where it disables and enables them.
const SECURITY: &str = "/apis/console.api.security.halo.run/v1alpha1/users";

const GROUPS: [&str; 6] = [
    "api.console.halo.run",
    "console.api.halo.run",
    "console.api.security.halo.run",
    "console.api.notification.halo.run",
    "console.api.migration.halo.run",
    "console.api.storage.halo.run",
];

#[tokio::test]
async fn every_group_of_halo_leads_to_the_same_operations_with_or_without_a_slash_at_the_end() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let new = json!({ "name": "alice", "email": "alice@example.test" });
    owner.post(&format!("{USERS}/"), &new).await.expect(200);

    for group in GROUPS {
        for end in ["", "/"] {
            let users = format!("/apis/{group}/v1alpha1/users");
            let list = owner
                .get(&format!("{users}{end}?size=1&keyword=alice"))
                .await
                .expect(200);
            assert_eq!((&list["total"], &list["size"]), (&json!(1), &json!(1)), "{group}{end}");
            let me = owner.get(&format!("{users}/-{end}")).await.expect(200);
            assert_eq!(me["user"]["metadata"]["name"], "admin", "{group}{end}");
            let nothing = json!(null);
            let disabled = owner.post(&format!("{users}/alice/disable{end}"), &nothing).await;
            assert_eq!(disabled.expect(200)["spec"]["disabled"], true, "{group}{end}");
            let enabled = owner.post(&format!("{users}/alice/enable{end}"), &nothing).await;
            assert_eq!(enabled.expect(200)["spec"]["disabled"], false, "{group}{end}");
        }
    }
    for not_halo in [
        "/apis/evil.halo.run/v1alpha1/users",
        "/apis/api.console.halo.run/v1/users",
        "/apis/api.console.halo.run/users",
        "/apis/API.console.halo.run/v1alpha1/users",
    ] {
        owner.get(not_halo).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn below_a_tenants_address_are_only_that_tenants_users() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (owner, owner_of_acme) = (app.default_tenant().owner().await, acme.owner().await);
    let new = json!({ "name": "alice", "email": "alice@example.test" });
    owner_of_acme.post(USERS, &new).await.expect(200);

    for end in ["", "/"] {
        let found = owner_of_acme.get(&format!("{USERS}/alice{end}")).await.expect(200);
        assert_eq!(found["user"]["metadata"]["name"], "alice");
        let at_home = owner.get(&format!("{USERS}/alice{end}")).await;
        at_home.expect_problem(404, "user_not_found");
        let foreign = owner.get(&format!("/t/acme{USERS}/alice{end}")).await;
        foreign.expect_problem(401, "unauthenticated");
    }
    let disabled = owner_of_acme
        .post(&format!("{SECURITY}/alice/disable"), &json!(null))
        .await;
    assert_eq!(disabled.expect(200)["spec"]["disabled"], true);
}

#[tokio::test]
async fn a_request_without_credentials_is_challenged_and_not_led_to_a_page() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    for (method, path) in [
        (Method::GET, USERS.to_owned()),
        (Method::GET, format!("{USERS}/-")),
        (Method::PUT, format!("{USERS}/-/password")),
        (Method::POST, format!("{SECURITY}/admin/disable")),
    ] {
        for by_script in [true, false] {
            let mut request = anybody
                .request(method.clone(), &path)
                .header("accept", "application/json");
            if by_script {
                request = request.header("x-requested-with", "XMLHttpRequest");
            }
            let reply = anybody.send(request).await;
            assert_eq!(reply.header("www-authenticate"), "Bearer", "{method} {path}");
            assert_eq!(reply.header("location"), "", "{method} {path}");
            assert_eq!(
                reply.header("content-type"),
                "application/problem+json",
                "{method} {path}"
            );
            reply.expect_problem(401, "unauthenticated");
        }
    }
    // The control: the same with credentials.
    let owner = app.default_tenant().owner().await;
    let request = owner
        .request(Method::GET, USERS)
        .header("x-requested-with", "XMLHttpRequest");
    owner.send(request).await.expect(200);
    let given = json!({ "oldPassword": PASSWORD, "password": "another good password" });
    owner.put(&format!("{USERS}/-/password"), &given).await.expect(200);
    app.work().await;
}
