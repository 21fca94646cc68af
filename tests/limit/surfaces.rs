//! Every way to give a password counts in the same place.

use crate::support::limits::{BAD, CONSOLE, fail, sign_in, wait_for};
use crate::support::{PASSWORD, Person, Reply, TestApp};
use reqwest::Method;
use serde_json::json;

/// A way to give a password, what it answers to a wrong one, and what to a right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Gateway,
    GatewayByAddress,
    Accounts,
    Browser,
    Basic,
    ConfirmAddress,
    ChangeInGateway,
    ChangeInAccounts,
    ChangeInConsole,
}

/// Sign-ins by name, and confirmations by a signed-in user.
const WAYS: [Way; 7] = [
    Way::Gateway,
    Way::Browser,
    Way::Basic,
    Way::ConfirmAddress,
    Way::ChangeInGateway,
    Way::ChangeInAccounts,
    Way::ChangeInConsole,
];

/// Sign-ins by address, which are counted apart.
const BY_ADDRESS: [Way; 2] = [Way::GatewayByAddress, Way::Accounts];

impl Way {
    async fn give(self, ada: &Person<'_>, password: &str) -> Reply {
        let anybody = ada.tenant.anybody();
        let new = "a quite other staple";
        match self {
            Self::GatewayByAddress => sign_in(&ada.tenant, "ada@example.com", password).await,
            Self::Gateway => sign_in(&ada.tenant, "ada", password).await,
            Self::Accounts => {
                let given = json!({ "email": "ada@example.com", "password": password });
                anybody.post("/api/auth/login", &given).await
            }
            Self::Browser => {
                let given = json!({ "username": "ada", "password": password });
                anybody.post(&format!("{CONSOLE}/sessions"), &given).await
            }
            Self::Basic => {
                let request = anybody.request(Method::GET, &format!("{CONSOLE}/users/-"));
                anybody.send(request.basic_auth("ada", Some(password))).await
            }
            Self::ConfirmAddress => {
                let given = json!({ "password": password, "code": "000000" });
                ada.post(&format!("{CONSOLE}/users/-/verify-email"), &given).await
            }
            Self::ChangeInGateway => {
                let given = json!({ "currentPassword": password, "newPassword": new });
                ada.post("/v1/password/change", &given).await
            }
            Self::ChangeInAccounts => {
                let given = json!({ "currentPassword": password, "newPassword": new, "confirmPassword": new });
                ada.post("/api/auth/change-password", &given).await
            }
            Self::ChangeInConsole => {
                let given = json!({ "oldPassword": password, "password": new });
                ada.put(&format!("{CONSOLE}/users/-/password"), &given).await
            }
        }
    }

    fn wrong(self) -> (u16, &'static str) {
        match self {
            Self::Gateway | Self::GatewayByAddress | Self::Accounts | Self::Browser => (401, "credentials_invalid"),
            Self::Basic => (401, "unauthenticated"),
            _ => (400, "password_wrong"),
        }
    }
}

async fn allow_basic(owner: &Person<'_>) {
    let policy = json!({ "spec": { "basicAuth": true } });
    owner
        .put(&format!("{CONSOLE}/policies/authentication"), &policy)
        .await
        .expect(200);
}

#[tokio::test]
async fn wrong_passwords_given_in_any_way_count_together() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    allow_basic(&tenant.owner().await).await;
    tenant.sign_up("ada").await;
    app.work().await;
    for (way, others) in WAYS
        .map(|way| (way, &WAYS[..]))
        .into_iter()
        .chain(BY_ADDRESS.map(|way| (way, &BY_ADDRESS[..])))
    {
        // What was counted before is forgotten, and her session is a new one.
        app.advance(24 * 3600 + 1);
        let ada = tenant.sign_in("ada").await;
        for _ in 0..5 {
            let (status, code) = way.wrong();
            way.give(&ada, BAD).await.expect_problem(status, code);
        }
        for other in others {
            let refused = other.give(&ada, PASSWORD).await;
            assert_eq!(wait_for(&refused, "sign-in-pair"), 30, "{way:?} and {other:?}");
        }
    }
}

#[tokio::test]
async fn a_right_password_given_in_any_way_forgets_the_wrong_ones() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    allow_basic(&tenant.owner().await).await;
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    for way in &WAYS[..4] {
        for _ in 0..4 {
            fail(&tenant, "ada").await;
        }
        let right = way.give(&ada, PASSWORD).await;
        // To confirm an address takes a code as well, and this one is wrong.
        assert!(right.status == 200 || right.text.contains("code_invalid"), "{way:?}");
    }
    for _ in 0..5 {
        fail(&tenant, "ada").await;
    }
    wait_for(&sign_in(&tenant, "ada", PASSWORD).await, "sign-in-pair");
}

#[tokio::test]
async fn the_right_password_is_asked_for_again_within_a_session_that_lives() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    for _ in 0..5 {
        Way::ChangeInGateway
            .give(&ada, BAD)
            .await
            .expect_problem(400, "password_wrong");
    }
    wait_for(&Way::ChangeInGateway.give(&ada, PASSWORD).await, "sign-in-pair");
    ada.get(&format!("{CONSOLE}/users/-")).await.expect(200);
    app.advance(30);
    Way::ChangeInGateway.give(&ada, PASSWORD).await.expect(200);
}
