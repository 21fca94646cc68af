//! A change of the address is taken back by the reader of the mail of the one before.

use super::address::change;
use crate::support::{Mail, PASSWORD, Person, Reply, Tenant, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const OWN: &str = "/auth/v1/users/me";
const EMAIL: &str = "/auth/v1/users/me/email";
const HOUR: i64 = 3600;

/// Opens the page a mail leads to and presses its button.
pub(super) async fn undo(tenant: &Tenant<'_>, mail: &Mail) -> Reply {
    let anybody = tenant.anybody();
    let path = format!("/login/undo?token={}", mail.token());
    let page = anybody.get(&path).await;
    let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
    let sign = page.text.split_once("name=\"form_token\" value=\"");
    let sign = sign.map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
    let form = format!("form_token={}", sign.unwrap_or_default());
    let request = anybody
        .request(Method::POST, &path)
        .header("cookie", cookie)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    anybody.send(request).await
}

#[track_caller]
fn done(reply: &Reply) {
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.contains("The change is taken back"), "{}", reply.text);
}

#[track_caller]
fn refused(reply: &Reply) {
    assert!(
        reply.status.is_client_error() || reply.status == 200,
        "{}",
        reply.status
    );
    assert!(!reply.text.contains("The change is taken back"), "{}", reply.text);
}

async fn address_of(tenant: &Tenant<'_>, name: &str) -> Value {
    let path = format!("/apis/console/v1alpha1/users/{name}");
    let user = tenant.owner().await.get(&path).await.expect(200);
    json!([user["user"]["spec"]["email"], user["user"]["spec"]["emailVerified"]])
}

#[tokio::test]
async fn a_change_is_taken_back_within_seventy_two_hours() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let told = change(&ada, "ada@example.com", "eve@example.com").await;
    app.advance(72 * HOUR - 60);
    let eve = tenant.sign_in("eve@example.com").await;
    let next = json!({ "email": "further@example.com" });
    eve.put(EMAIL, &next).await.expect(200);
    app.work().await;

    done(&undo(&tenant, &told).await);
    assert_eq!(address_of(&tenant, "ada").await, json!(["ada@example.com", true]));
    eve.get(OWN).await.expect_problem(401, "unauthenticated");
    let late = json!({ "email": "further@example.com", "code": tenant.code_to("further@example.com").await });
    let late = tenant.anybody().post("/v1/email/verify", &late).await;
    late.expect_problem(400, "code_invalid");
    // The person who changed it may know the password, so the means to choose another one came at once.
    let mail = tenant.mail_to("ada@example.com").await.swap_remove(0);
    assert_eq!(mail.subject(), "Choose a new password for Tenantry");
    let given = json!({ "email": "ada@example.com", "code": mail.code(), "newPassword": "a quite other staple" });
    tenant
        .anybody()
        .post("/v1/password/confirm-reset", &given)
        .await
        .expect(200);
    refused(&undo(&tenant, &told).await);
    app.work().await;
}

#[tokio::test]
async fn a_change_is_not_taken_back_after_seventy_two_hours() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let told = change(&ada, "ada@example.com", "next@example.com").await;
    app.advance(72 * HOUR + 60);
    refused(&undo(&tenant, &told).await);
    assert_eq!(address_of(&tenant, "ada").await, json!(["next@example.com", true]));
    app.work().await;
}

#[tokio::test]
async fn looking_at_the_page_takes_nothing_back() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let told = change(&ada, "ada@example.com", "next@example.com").await;
    let anybody = tenant.anybody();
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let path = format!("/login/undo?token={}", told.token());
        anybody.send(anybody.request(method, &path)).await;
        assert_eq!(address_of(&tenant, "ada").await, json!(["next@example.com", true]));
    }
    done(&undo(&tenant, &told).await);
    app.work().await;
}

/// What a thief of an account does to keep it.
async fn dig_in(how: &str, eve: &Person<'_>) {
    let tenant = &eve.tenant;
    let new = "a quite other staple";
    match how {
        "change the password" => {
            let given = json!({ "currentPassword": PASSWORD, "newPassword": new });
            eve.post("/v1/password/change", &given).await.expect(200);
        }
        "reset the password" => {
            tenant.app.advance(61);
            let asked = json!({ "email": "eve@example.com" });
            tenant.anybody().post("/v1/password/reset", &asked).await.expect(200);
            let given = json!({ "email": "eve@example.com", "code": tenant.code_to("eve@example.com").await, "newPassword": new });
            let reset = tenant.anybody().post("/v1/password/confirm-reset", &given).await;
            reset.expect(200);
        }
        "change the address again" => {
            change(eve, "eve@example.com", "mallory@example.com").await;
        }
        "take their own second change back" => {
            let told = change(eve, "eve@example.com", "mallory@example.com").await;
            done(&undo(tenant, &told).await);
        }
        _ => {
            let back = json!({ "email": "third@example.com" });
            eve.put(EMAIL, &back).await.expect(200);
        }
    }
    tenant.app.work().await;
}

#[tokio::test]
async fn whatever_is_done_with_the_account_the_first_address_can_take_it_back() {
    let app = TestApp::start().await;
    for (number, how) in [
        "change the password",
        "reset the password",
        "change the address again",
        "take their own second change back",
        "ask for a third address",
    ]
    .iter()
    .enumerate()
    {
        let tenant = app.tenant(&format!("tenant-{number}")).await;
        let ada = tenant.sign_up_proven("ada").await;
        let told = change(&ada, "ada@example.com", "eve@example.com").await;
        dig_in(how, &ada).await;
        done(&undo(&tenant, &told).await);
        assert_eq!(
            address_of(&tenant, "ada").await,
            json!(["ada@example.com", true]),
            "{how}"
        );
        app.work().await;
    }
}

#[tokio::test]
async fn in_a_chain_each_address_takes_back_what_came_after_it_and_ends_their_links() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let first = change(&ada, "ada@example.com", "b@example.com").await;
    let second = change(&ada, "b@example.com", "c@example.com").await;

    done(&undo(&tenant, &second).await);
    assert_eq!(address_of(&tenant, "ada").await, json!(["b@example.com", true]));
    done(&undo(&tenant, &first).await);
    assert_eq!(address_of(&tenant, "ada").await, json!(["ada@example.com", true]));

    let mut ada = tenant.sign_in("ada").await;
    app.advance(601);
    let first = change(&ada, "ada@example.com", "d@example.com").await;
    ada.tokens = tenant.sign_in("ada").await.tokens;
    let second = change(&ada, "d@example.com", "e@example.com").await;
    done(&undo(&tenant, &first).await);
    refused(&undo(&tenant, &second).await);
    assert_eq!(address_of(&tenant, "ada").await, json!(["ada@example.com", true]));
    app.work().await;
}

#[tokio::test]
async fn an_address_somebody_else_has_proven_meanwhile_stays_theirs() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let told = change(&ada, "ada@example.com", "next@example.com").await;
    let bob = tenant.sign_up_proven("bob").await;
    change(&bob, "bob@example.com", "ada@example.com").await;

    refused(&undo(&tenant, &told).await);
    assert_eq!(address_of(&tenant, "ada").await, json!(["next@example.com", true]));
    assert_eq!(address_of(&tenant, "bob").await, json!(["ada@example.com", true]));
    app.work().await;
}

#[tokio::test]
async fn a_change_is_not_taken_back_after_an_administrator_has_decided() {
    let acts = [
        (Method::PUT, "/password", json!({ "password": "another good staple" })),
        (
            Method::PUT,
            "/email",
            json!({ "email": "third@example.com", "verified": true }),
        ),
        (Method::POST, "/disable", json!({})),
    ];
    for (method, act, body) in acts {
        let app = TestApp::start().await;
        let tenant = app.default_tenant();
        let ada = tenant.sign_up_proven("ada").await;
        let told = change(&ada, "ada@example.com", "next@example.com").await;
        let owner = tenant.owner().await;
        let user = "/apis/console/v1alpha1/users/ada";
        let request = owner.request(method, &format!("{user}{act}")).json(&body);
        owner.send(request).await.expect(200);
        let before = address_of(&tenant, "ada").await;
        refused(&undo(&tenant, &told).await);
        // Nor later.
        owner.post(&format!("{user}/enable"), &json!({})).await.expect(200);
        refused(&undo(&tenant, &told).await);
        assert_eq!(address_of(&tenant, "ada").await, before, "{act}");
        app.work().await;
    }
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let told = change(&ada, "ada@example.com", "next@example.com").await;
    let owner = tenant.owner().await;
    owner.delete("/apis/console/v1alpha1/users/ada").await.expect(204);
    refused(&undo(&tenant, &told).await);
    app.work().await;
}
