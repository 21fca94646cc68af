//! Getting back into an account: by the code or the link of a mail, in three groups.

mod change;
mod ways;

use crate::support::{PASSWORD, Person, Tenant, TestApp};
use serde_json::json;
use ways::{ADA, NEW, WAYS, Way, ask, taken};

const CONSOLE: &str = "/apis/console/v1alpha1";
const OWN: &str = "/auth/v1/users/me";
const CHANGED: &str = "Your password for Tenantry was changed";

async fn signs_in(tenant: &Tenant<'_>, password: &str) -> bool {
    let given = json!({ "username": "ada", "password": password });
    tenant.anybody().post("/v1/login", &given).await.status == 200
}

#[tokio::test]
async fn a_password_is_reset_by_code_and_by_link_in_every_group() {
    let app = TestApp::start().await;
    for (number, way) in WAYS.into_iter().enumerate() {
        let tenant = app.tenant(&format!("tenant-{number}")).await;
        let ada = tenant.sign_up_proven("ada").await;
        app.advance(61);
        let asked = ask(&tenant).await;
        let reply = way.give(&tenant, &asked).await;
        assert!(taken(&reply), "{way:?}: {}", reply.text);

        let body = reply.json();
        let new = body["data"].as_str().unwrap_or(NEW);
        if matches!(way, Way::EnvelopeCode | Way::EnvelopeLink) {
            assert_eq!(new.chars().count(), 12, "{body}");
        }
        assert!(signs_in(&tenant, new).await, "{way:?}");
        assert!(!signs_in(&tenant, PASSWORD).await, "{way:?}");
        for other in WAYS {
            let again = other.give(&tenant, &asked).await;
            assert!(!taken(&again), "{other:?} after {way:?}: {}", again.text);
        }
        ada.get(OWN).await.expect_problem(401, "unauthenticated");
        let told = tenant.mail_to(ADA).await;
        let name = format!("tenant-{number}");
        assert_eq!(told[0].subject(), CHANGED.replace("Tenantry", &name), "{way:?}");
        assert!(!told[0].text().contains(new), "a notice has no password in it");
    }
}

#[tokio::test]
async fn a_reset_ends_every_session_and_drops_the_address_that_waits() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (ada, other) = (tenant.sign_up_proven("ada").await, tenant.sign_in("ada").await);
    let bob = tenant.sign_up("bob").await;
    let next = json!({ "email": "eve@example.com" });
    ada.put(&format!("{OWN}/email"), &next).await.expect(200);
    let of_change = tenant.code_to("eve@example.com").await;
    app.advance(61);

    let asked = ask(&tenant).await;
    assert!(taken(&Way::CodeById.give(&tenant, &asked).await));
    for session in [&ada, &other] {
        session.get(OWN).await.expect_problem(401, "unauthenticated");
        let renew = json!({ "refreshToken": session.tokens["refreshToken"] });
        let refused = tenant.anybody().post("/v1/refresh", &renew).await;
        refused.expect_problem(401, "refresh_token_invalid");
    }
    bob.get(OWN).await.expect(200);

    let given = json!({ "username": "ada", "password": NEW });
    let mut ada = ada;
    ada.tokens = tenant.anybody().post("/v1/login", &given).await.expect(200);
    let email = ada.get(&format!("{OWN}/email")).await.expect(200);
    assert_eq!(email["email"], json!({ "email": ADA, "isEmailVerified": true }));
    let given = json!({ "code": of_change });
    let late = ada.post(&format!("{OWN}/email/_verify"), &given).await;
    late.expect_problem(404, "email_not_pending");
    let by_address = json!({ "email": "eve@example.com", "code": of_change });
    let late = tenant.anybody().post("/v1/email/verify", &by_address).await;
    late.expect_problem(400, "code_invalid");
    app.work().await;
}

#[tokio::test]
async fn who_resets_by_mail_has_proven_the_address() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    let asked = ask(&tenant).await;
    assert!(taken(&Way::LinkById.give(&tenant, &asked).await));
    let given = json!({ "username": "ada", "password": NEW });
    let tokens = tenant.anybody().post("/v1/login", &given).await.expect(200);
    assert_eq!(tokens["user"]["emailVerified"], true);
    // The code of the sign-up is of no use any more.
    let mails = tenant.mail_to(ADA).await;
    let old = json!({ "email": ADA, "code": mails.last().unwrap().code() });
    let late = tenant.anybody().post("/v1/email/verify", &old).await;
    late.expect_problem(400, "code_invalid");
}

#[tokio::test]
async fn what_was_mailed_is_good_for_ten_minutes_in_the_same_tenant() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    tenant.sign_up_proven("ada").await;
    other.sign_up("ada").await;
    app.advance(61);
    let asked = ask(&tenant).await;
    for way in WAYS {
        let foreign = way.give(&other, &asked).await;
        assert!(!taken(&foreign), "{way:?} abroad: {}", foreign.text);
    }
    app.advance(601);
    for way in WAYS {
        let late = way.give(&tenant, &asked).await;
        assert!(!taken(&late), "{way:?} late: {}", late.text);
    }
    app.work().await;

    let asked = ask(&tenant).await;
    app.advance(598);
    assert!(taken(&Way::NestedLink.give(&tenant, &asked).await), "the control");
    app.work().await;
}

/// What else ends what was mailed before.
async fn otherwise(how: &str, tenant: &Tenant<'_>, ada: &Person<'_>) {
    let owner = tenant.owner().await;
    let other = "yet another staple here";
    let reply = match how {
        "change" => {
            let given = json!({ "currentPassword": PASSWORD, "newPassword": other });
            ada.post("/v1/password/change", &given).await
        }
        "override" => {
            let given = json!({ "password": other });
            owner.put(&format!("{CONSOLE}/users/ada/password"), &given).await
        }
        "disable" => owner.post(&format!("{CONSOLE}/users/ada/disable"), &json!({})).await,
        "new address" => {
            let next = json!({ "email": "next@example.com" });
            ada.put(&format!("{OWN}/email"), &next).await.expect(200);
            let given = json!({ "code": tenant.code_to("next@example.com").await });
            ada.post(&format!("{OWN}/email/_verify"), &given).await
        }
        "address of an owner" => {
            let given = json!({ "email": "next@example.com", "verified": true });
            owner.put(&format!("{CONSOLE}/users/ada/email"), &given).await
        }
        "newer" => {
            tenant.app.advance(61);
            let asked = json!({ "email": ADA });
            tenant.anybody().post("/v1/password/reset", &asked).await
        }
        _ => owner.delete(&format!("{CONSOLE}/users/ada")).await,
    };
    assert!(reply.status.is_success(), "{how}: {}", reply.text);
    tenant.app.work().await;
}

#[tokio::test]
async fn what_was_mailed_before_a_change_is_worth_nothing_after_it() {
    let app = TestApp::start().await;
    for (number, how) in [
        "change",
        "override",
        "disable",
        "new address",
        "address of an owner",
        "newer",
        "delete",
    ]
    .iter()
    .enumerate()
    {
        let tenant = app.tenant(&format!("tenant-{number}")).await;
        let ada = tenant.sign_up_proven("ada").await;
        app.advance(61);
        let asked = ask(&tenant).await;
        otherwise(how, &tenant, &ada).await;
        for way in WAYS {
            let late = way.give(&tenant, &asked).await;
            assert!(!taken(&late), "{way:?} after {how}: {}", late.text);
        }
    }
}

#[tokio::test]
async fn a_password_the_policy_refuses_does_not_use_the_code_up() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up_proven("ada").await;
    app.advance(61);
    let asked = ask(&tenant).await;
    let given = json!({ "verificationId": asked.id, "code": asked.mail.code(), "newPassword": "short" });
    let refused = tenant.anybody().post("/v1/password/confirm-reset", &given).await;
    refused.expect_problem(400, "invalid");
    let nested = json!({ "token": asked.mail.token(), "password": NEW, "confirmPassword": "another one, mistyped" });
    let refused = tenant.anybody().post("/api/auth/reset-password", &nested).await;
    let body = refused.expect(400);
    assert_eq!(
        body["message"],
        json!(["The password and confirmation password must match."])
    );
    assert!(taken(&Way::CodeById.give(&tenant, &asked).await));
    app.work().await;
}

#[tokio::test]
async fn a_code_to_reset_is_found_right_and_stays_good_for_that_alone() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    let asked = ask(&tenant).await;
    for code in [asked.mail.code(), asked.mail.token()] {
        let by_id = json!({ "verificationId": asked.id, "code": code });
        tenant.anybody().post("/v1/email/verify", &by_id).await.expect(200);
        let of_other = json!({ "email": ADA, "purpose": "verify_email", "code": code });
        let refused = tenant.anybody().post("/v1/email/verify", &of_other).await;
        refused.expect_problem(400, "code_invalid");
    }
    assert_eq!(
        tenant.sign_in("ada").await.tokens["user"]["emailVerified"],
        false,
        "nothing was proven"
    );
    assert!(taken(&Way::CodeById.give(&tenant, &asked).await));
    app.work().await;
}
