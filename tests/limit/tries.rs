//! How often codes may be tried: one code, one address, from one network, in one tenant.

use crate::support::limits::{SEND, VERIFY, at, behind_a_proxy, code_for, newest, set_limits, wait_for};
use crate::support::{PASSWORD, Person, Reply, Tenant, TestApp, wrong};
use serde_json::{Value, json};

const ADA: &str = "ada@example.com";

fn given(address: &str, purpose: &str, code: &str) -> Value {
    json!({ "email": address, "purpose": purpose, "code": code })
}

async fn verify(tenant: &Tenant<'_>, address: &str, code: &str) -> Reply {
    tenant.anybody().post(VERIFY, &given(address, "register", code)).await
}

#[tokio::test]
async fn after_five_wrong_tries_a_code_is_dead_and_the_link_beside_it_lives() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let code = code_for(&owner, ADA, "register").await;
    let token = newest(&owner, ADA).await.token();
    for _ in 0..5 {
        verify(&tenant, ADA, &wrong(&code))
            .await
            .expect_problem(400, "code_invalid");
    }

    verify(&tenant, ADA, &code).await.expect_problem(400, "code_invalid");
    verify(&tenant, ADA, &token).await.expect(200);
    let new = json!({ "username": "ada", "email": ADA, "password": PASSWORD, "code": token });
    let made = tenant.anybody().post("/v1/register", &new).await.expect(200);
    assert_eq!(made["emailVerified"], true);
}

#[tokio::test]
async fn after_ten_wrong_tries_a_day_an_address_has_only_links() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for _ in 0..2 {
        let code = code_for(&owner, ADA, "register").await;
        for _ in 0..5 {
            verify(&tenant, ADA, &wrong(&code))
                .await
                .expect_problem(400, "code_invalid");
        }
        app.advance(61);
    }
    let code = code_for(&owner, ADA, "register").await;
    let token = newest(&owner, ADA).await.token();

    let wait = wait_for(&verify(&tenant, ADA, &code).await, "try-address");
    assert!((86_200..86_400).contains(&wait), "{wait}");
    verify(&tenant, ADA, &token).await.expect(200);
    let bob = code_for(&owner, "bob@example.com", "register").await;
    verify(&tenant, "bob@example.com", &bob).await.expect(200);

    app.advance(wait);
    let owner = tenant.owner().await;
    let code = code_for(&owner, ADA, "register").await;
    verify(&tenant, ADA, &code).await.expect(200);
}

/// A wrong code of Ada's account, given in every way there is.
async fn try_every_way(ada: &Person<'_>) -> Vec<Reply> {
    let anybody = ada.tenant.anybody();
    let (bad, new) = ("000000", "a quite other staple");
    let reset = json!({ "email": ADA, "code": bad, "newPassword": new });
    let nested = json!({ "email": ADA, "token": bad, "password": new, "confirmPassword": new });
    let confirm = json!({ "password": PASSWORD, "code": bad });
    let code = json!({ "code": bad });
    vec![
        anybody.post(VERIFY, &given(ADA, "verify_email", bad)).await,
        anybody.post("/v1/password/confirm-reset", &reset).await,
        anybody
            .post("/api/auth/email/verify/code", &json!({ "email": ADA, "code": 0 }))
            .await,
        anybody.post("/api/auth/reset-password", &nested).await,
        anybody
            .post("/api/user/reset", &json!({ "email": ADA, "token": bad }))
            .await,
        ada.post("/api/email-reset/verify", &code).await,
        ada.post("/auth/v1/users/me/email/_verify", &code).await,
        ada.post("/apis/console/v1alpha1/users/-/verify-email", &confirm).await,
    ]
}

#[tokio::test]
async fn wrong_codes_given_in_any_way_count_together() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ada = tenant.sign_up("ada").await;
    // A code of each purpose that is live; one in a million is the one that is guessed.
    code_for(&owner, ADA, "reset_password").await;

    for reply in try_every_way(&ada).await {
        assert!(reply.status == 400 || reply.status == 200, "{}", reply.text);
        assert!(!reply.text.contains("\"success\":true"), "{}", reply.text);
    }
    for _ in 0..2 {
        let bad = given(ADA, "verify_email", "000000");
        tenant
            .anybody()
            .post(VERIFY, &bad)
            .await
            .expect_problem(400, "code_invalid");
    }
    for reply in try_every_way(&ada).await {
        let wait: i64 = reply.header("retry-after").parse().unwrap();
        assert_eq!(reply.status, 429, "{}", reply.text);
        assert!((86_390..=86_400).contains(&wait), "{}", reply.text);
    }
    let token = newest(&owner, ADA).await.token();
    let by_link =
        json!({ "token": token, "password": "a quite other staple", "confirmPassword": "a quite other staple" });
    tenant
        .anybody()
        .post("/api/auth/reset-password", &by_link)
        .await
        .expect(200);
    app.work().await;
}

#[tokio::test]
async fn right_codes_take_nothing_of_what_may_be_tried() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "tryAddress": { "most": 2 } })).await;
    let code = code_for(&owner, ADA, "register").await;
    for _ in 0..4 {
        verify(&tenant, ADA, &code).await.expect(200);
    }
    verify(&tenant, ADA, &wrong(&code))
        .await
        .expect_problem(400, "code_invalid");
}

#[tokio::test]
async fn a_network_has_so_many_wrong_codes_for_all_addresses_together() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "tryNetwork": { "most": 4, "seconds": 100 } })).await;
    let code = code_for(&owner, ADA, "register").await;
    let here = at(&tenant, "2001:db8::1");
    for n in 0..4 {
        let bad = given(&format!("user{n}@example.com"), "register", "000000");
        here.post(VERIFY, &bad).await.expect_problem(400, "code_invalid");
    }

    let right = given(ADA, "register", &code);
    assert_eq!(wait_for(&here.post(VERIFY, &right).await, "try-network"), 100);
    let neighbour = at(&tenant, "2001:db8::ffff");
    wait_for(&neighbour.post(VERIFY, &right).await, "try-network");
    at(&tenant, "2001:db8:0:1::1").post(VERIFY, &right).await.expect(200);
    app.advance(100);
    here.post(VERIFY, &right).await.expect(200);
}

#[tokio::test]
async fn a_tenant_has_so_many_wrong_codes_and_then_only_links_for_a_while() {
    let app = behind_a_proxy().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "tryTenant": { "most": 4, "seconds": 100 } })).await;
    let code = code_for(&owner, ADA, "register").await;
    let token = newest(&owner, ADA).await.token();
    for n in 4..8 {
        code_for(&owner, &format!("user{n}@example.com"), "register").await;
    }
    // The same code for one address after the other: each is tried only once. Where no code was sent, none
    // can be guessed.
    for n in 0..8 {
        let bad = given(&format!("user{n}@example.com"), "register", "no code");
        let place = at(&tenant, format!("203.0.113.{n}"));
        place.post(VERIFY, &bad).await.expect_problem(400, "code_invalid");
    }

    assert_eq!(wait_for(&verify(&tenant, ADA, &code).await, "try-tenant"), 100);
    verify(&tenant, ADA, &token).await.expect(200);
    let there = code_for(&other.owner().await, ADA, "register").await;
    verify(&other, ADA, &there).await.expect(200);
    app.advance(100);
    verify(&tenant, ADA, &code).await.expect(200);
}

#[tokio::test]
async fn a_code_without_its_address_is_nobodys() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    tenant.sign_up("ada").await;
    let ask = json!({ "email": ADA, "purpose": "reset_password" });
    tenant.anybody().post(SEND, &ask).await.expect(200);
    let mail = newest(&owner, ADA).await;
    let new = "a quite other staple";
    let give = async |token: &str| {
        let body = json!({ "token": token, "password": new, "confirmPassword": new });
        tenant.anybody().post("/api/auth/reset-password", &body).await
    };

    let refused = give(&mail.code()).await.expect(400);
    assert_eq!(refused["message"], "Password Reset Failed.");
    crate::support::limits::sign_in(&tenant, "ada", PASSWORD)
        .await
        .expect(200);
    give(&mail.token()).await.expect(200);
    crate::support::limits::sign_in(&tenant, "ada", new).await.expect(200);
    app.work().await;
}
