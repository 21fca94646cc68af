//! How many codes are sent: to one address, from one network, in one tenant.

use crate::support::limits::{SEND, at, behind_a_proxy, set_limits, wait_of};
use crate::support::{Person, Reply, TestApp};
use serde_json::json;

fn register(address: &str) -> serde_json::Value {
    json!({ "email": address, "purpose": "register" })
}

/// A way to ask for a code to `ada@example.com`, by Ada or by nobody.
type Way = (&'static str, &'static str, bool);

const PROOF: &[Way] = &[
    (SEND, "verify_email", false),
    (SEND, "verify_email", true),
    (SEND, "change_email", true),
    ("/api/verification?email=ada@example.com", "", true),
    ("/api/auth/email/verify/resend-verification-code", "-", true),
    ("/auth/v1/users/me/email/_resend_verification", "-", true),
    (
        "/apis/console/v1alpha1/users/-/send-email-verification-code",
        "email",
        true,
    ),
];

const REGISTER: &[Way] = &[
    (SEND, "register", false),
    (SEND, "register", true),
    ("/api/verification?email=ada@example.com", "", false),
];

const RESET: &[Way] = &[
    (SEND, "reset_password", false),
    (SEND, "reset_password", true),
    ("/v1/password/reset", "email", false),
    ("/api/auth/reset-password", "email", false),
    ("/api/reset_password?email=ada@example.com", "", false),
];

async fn ask(ada: &Person<'_>, (path, body, by_her): Way) -> Reply {
    let anybody = ada.tenant.anybody();
    let who = if by_her { ada } else { &anybody };
    match body {
        "" => who.get(path).await,
        "-" => who.post(path, &json!({})).await,
        "email" => who.post(path, &json!({ "email": "ada@example.com" })).await,
        purpose => {
            let body = json!({ "email": "ada@example.com", "purpose": purpose });
            who.post(path, &body).await
        }
    }
}

#[tokio::test]
async fn every_way_to_ask_for_a_code_shares_the_pause_of_its_purpose() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    app.work().await;
    for ways in [PROOF, REGISTER, RESET] {
        for first in ways {
            app.advance(86_401);
            let ada = tenant.sign_in("ada").await;
            let sent = ask(&ada, *first).await;
            assert_eq!(sent.status, 200, "{first:?}: {}", sent.text);
            for other in ways {
                let refused = ask(&ada, *other).await;
                let wait = wait_of(&refused, "too_many_codes", "code-pause");
                assert!((59..=60).contains(&wait), "{first:?} and {other:?}");
            }
            assert_eq!(app.work().await, 1, "{first:?} sends one mail");
        }
    }
}

#[tokio::test]
async fn an_address_has_so_many_codes_for_each_purpose() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    for _ in 0..4 {
        app.advance(61);
        ask(&ada, PROOF[0]).await.expect(200);
    }
    app.advance(61);
    let refused = ask(&ada, PROOF[1]).await;
    let wait = wait_of(&refused, "too_many_codes", "code-address");
    assert!((200..600).contains(&wait), "{wait}");
    // Whoever uses up one way has not used up the way back into the account.
    ask(&ada, RESET[2]).await.expect(200);
    app.advance(wait);
    ask(&ada, PROOF[1]).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn what_nobody_was_mailed_takes_nothing_from_the_owner_of_the_address() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up_proven("ada").await;
    let proof = |address: &str| json!({ "email": address, "purpose": "verify_email" });
    let stranger = at(&tenant, "203.0.113.9");
    for address in ["ada@example.com", "ada@example.org"] {
        for _ in 0..5 {
            app.advance(61);
            stranger.post(SEND, &proof(address)).await.expect(200);
        }
        app.advance(61);
        let refused = stranger.post(SEND, &proof(address)).await;
        wait_of(&refused, "too_many_codes", "code-address");
    }
    app.work().await;
    let reset = json!({ "email": "ada@example.com" });
    let recovery = at(&tenant, "198.51.100.1").post("/v1/password/reset", &reset).await;
    recovery.expect(200);
    // Ada wants the other address for herself.
    let change = json!({ "email": "ada@example.org", "purpose": "change_email" });
    ada.post(SEND, &change).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn an_address_has_so_many_codes_a_day() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    set_limits(&tenant.owner().await, json!({ "codeAddressLong": { "most": 3 } })).await;
    for _ in 0..3 {
        tenant
            .anybody()
            .post(SEND, &register("ada@example.com"))
            .await
            .expect(200);
        app.advance(61);
    }
    let refused = tenant.anybody().post(SEND, &register("ada@example.com")).await;
    let wait = wait_of(&refused, "too_many_codes", "code-address-long");
    assert!((86_200..86_400).contains(&wait), "{wait}");
    app.advance(wait);
    tenant
        .anybody()
        .post(SEND, &register("ada@example.com"))
        .await
        .expect(200);
    app.work().await;
}

#[tokio::test]
async fn a_network_asks_for_so_many_codes_and_what_is_refused_takes_nothing() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    set_limits(
        &tenant.owner().await,
        json!({ "codeNetwork": { "most": 3, "seconds": 50 } }),
    )
    .await;
    let here = at(&tenant, "198.51.100.1");
    for n in 0..3 {
        here.post(SEND, &register(&format!("ada{n}@example.com")))
            .await
            .expect(200);
    }

    let refused = here.post(SEND, &register("bob@example.com")).await;
    assert_eq!(wait_of(&refused, "too_many_codes", "code-network"), 50);
    // Bob's address has not been written to: its pause did not begin.
    at(&tenant, "198.51.100.2")
        .post(SEND, &register("bob@example.com"))
        .await
        .expect(200);
    app.advance(50);
    here.post(SEND, &register("eve@example.com")).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn a_tenant_sends_so_many_codes_and_another_tenant_its_own() {
    let app = behind_a_proxy().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    set_limits(
        &tenant.owner().await,
        json!({ "codeTenant": { "most": 3, "seconds": 50 } }),
    )
    .await;
    let send = async |n: u8| {
        let place = at(&tenant, format!("198.51.100.{n}"));
        place.post(SEND, &register(&format!("ada{n}@example.com"))).await
    };
    for n in 0..3 {
        send(n).await.expect(200);
    }

    assert_eq!(wait_of(&send(3).await, "too_many_codes", "code-tenant"), 50);
    other
        .anybody()
        .post(SEND, &register("ada@example.com"))
        .await
        .expect(200);
    app.advance(50);
    send(3).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn an_account_that_is_made_when_no_code_may_be_sent_is_made_all_the_same() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    set_limits(
        &tenant.owner().await,
        json!({ "codeTenant": { "most": 1, "seconds": 3600 } }),
    )
    .await;
    tenant.sign_up("ada").await;
    tenant.sign_up("bob").await;
    app.work().await;
    assert_eq!(tenant.mail_to("ada@example.com").await.len(), 1);
    assert_eq!(tenant.mail_to("bob@example.com").await.len(), 0);

    app.advance(3601);
    let bob = tenant.sign_in("bob").await;
    bob.post("/auth/v1/users/me/email/_resend_verification", &json!({}))
        .await
        .expect(200);
    assert_eq!(tenant.mail_to("bob@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_mail_that_one_limit_holds_back_takes_nothing_of_the_others() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "codeTenant": { "most": 1, "seconds": 3600 } })).await;
    tenant.sign_up("ada").await;
    tenant.sign_up("bob").await;

    // Neither the pause of the address nor the second of the tenant's is gone.
    set_limits(&owner, json!({ "codeTenant": { "most": 2, "seconds": 3600 } })).await;
    let bob = tenant.sign_in("bob").await;
    bob.post("/auth/v1/users/me/email/_resend_verification", &json!({}))
        .await
        .expect(200);
    app.work().await;
    assert_eq!(tenant.mail_to("bob@example.com").await.len(), 1);
}
