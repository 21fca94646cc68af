//! Deleting one's own account.

use super::{ME, USERS, let_leave, make, signs_in};
use crate::support::{
    PASSWORD, TestApp,
    roles::{events_of, make_person},
};
use serde_json::json;

#[tokio::test]
async fn somebody_deletes_their_own_account_where_the_tenant_lets_people_leave() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ada = make_person(&owner, "ada", "").await;
    let told = || async { owner.get("/apis/console/v1alpha1/tenant").await.expect(200)["accountDeletion"].clone() };
    assert_eq!(told().await, false);
    ada.delete(ME).await.expect_problem(409, "policy_forbids");
    let_leave(&owner).await;
    assert_eq!(told().await, true);

    let left = ada.delete(ME).await;
    assert_eq!(left.status, 204, "{}", left.text);
    let events = events_of(&owner, &left).await;
    let said = ["actor", "action", "object", "outcome"].map(|field| events[0][field].clone());
    assert_eq!(said, ["ada", "users:leave", "ada", "done"]);
    ada.get(ME).await.expect_problem(401, "unauthenticated");
    assert!(!signs_in(&tenant, "ada", PASSWORD).await);
    owner
        .get(&format!("{USERS}/ada"))
        .await
        .expect_problem(404, "user_not_found");
}

#[tokio::test]
async fn only_whoever_signed_in_a_moment_ago_leaves() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let_leave(&owner).await;
    let ada = make_person(&owner, "ada", "").await;
    app.advance(5 * 60 + 1);
    for path in [ME, "/auth/v1/users/me"] {
        ada.delete(path).await.expect_problem(403, "reauthentication_required");
    }
    let again = tenant.sign_in("ada").await;
    let details = again.delete("/auth/v1/users/me").await.expect(200);
    assert!(details["details"]["sequence"].is_string(), "{details}");
}

#[tokio::test]
async fn the_last_owner_does_not_leave() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let_leave(&owner).await;
    owner.delete(ME).await.expect_problem(409, "last_owner");
    make(&owner, "olga", json!({ "roles": ["owner"] })).await;
    owner.delete(ME).await.expect(204);
    let olga = tenant.sign_in("olga").await;
    olga.delete(ME).await.expect_problem(409, "last_owner");
}
