//! Wrong passwords for one account: some are free, then each further one asks for a wait.

use crate::support::limits::{BAD, credentials, fail, set_limits, sign_in, wait_for};
use crate::support::{PASSWORD, Reply, TestApp};
use serde_json::json;

#[tokio::test]
async fn after_five_wrong_passwords_each_further_one_asks_for_a_wait_twice_as_long() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for _ in 0..5 {
        fail(&tenant, "admin").await;
    }

    for wait in [30, 60, 120, 240, 480, 900, 900] {
        let refused = sign_in(&tenant, "admin", BAD).await;
        assert_eq!(wait_for(&refused, "sign-in-pair"), wait);
        app.advance(wait - 1);
        let refused = sign_in(&tenant, "admin", BAD).await;
        assert_eq!(
            wait_for(&refused, "sign-in-pair"),
            1,
            "what is refused makes no wait longer"
        );
        app.advance(1);
        fail(&tenant, "admin").await;
    }
}

#[tokio::test]
async fn the_right_password_waits_as_well_and_then_forgets_the_wrong_ones() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for _ in 0..5 {
        fail(&tenant, "admin").await;
    }

    let (right, wrong) = (
        sign_in(&tenant, "admin", PASSWORD).await,
        sign_in(&tenant, "admin", BAD).await,
    );
    assert_eq!(wait_for(&right, "sign-in-pair"), 30);
    assert_eq!(look(&right), look(&wrong), "nothing tells that the password is right");
    app.advance(30);
    sign_in(&tenant, "admin", PASSWORD).await.expect(200);

    for _ in 0..5 {
        fail(&tenant, "admin").await;
    }
    let refused = sign_in(&tenant, "admin", BAD).await;
    assert_eq!(wait_for(&refused, "sign-in-pair"), 30, "they begin anew");
}

/// What can be told of an answer: its status, the names of its headers and its body, without what
/// differs from one request to the next.
fn look(reply: &Reply) -> (u16, Vec<String>, String) {
    let mut names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
    names.sort();
    let text = reply.text.replace(reply.header("x-request-id"), "");
    (reply.status.as_u16(), names, text)
}

#[tokio::test]
async fn a_day_without_a_wrong_password_forgets_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for _ in 0..4 {
        fail(&tenant, "admin").await;
    }
    app.advance(24 * 3600 + 1);
    for _ in 0..5 {
        fail(&tenant, "admin").await;
    }
    wait_for(&sign_in(&tenant, "admin", BAD).await, "sign-in-pair");
}

#[tokio::test]
async fn after_the_most_wrong_passwords_in_a_row_the_wait_is_a_day() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "signInPair": { "most": 7 } })).await;
    for _ in 0..5 {
        fail(&tenant, "admin").await;
    }
    app.advance(30);
    fail(&tenant, "admin").await;
    app.advance(60);
    fail(&tenant, "admin").await;

    let refused = sign_in(&tenant, "admin", PASSWORD).await;
    assert_eq!(wait_for(&refused, "sign-in-pair"), 24 * 3600);
    app.advance(24 * 3600);
    sign_in(&tenant, "admin", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_account_nobody_has_is_limited_exactly_like_one_that_somebody_has() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    // Disabled, without a proven address, and of the same length as each other.
    tenant.sign_up("dora").await;
    tenant.sign_up("ulla").await;
    app.work().await;
    let owner = tenant.owner().await;
    let disable = format!("{}/users/dora/disable", crate::support::limits::CONSOLE);
    owner.post(&disable, &json!({})).await.expect(200);
    let logins = [
        "ulla",
        "none",
        "dora",
        "ulla@example.com",
        "none@example.com",
        "dora@example.com",
    ];

    let mut seen: Vec<Vec<_>> = vec![];
    for login in logins {
        // The ones before have used what the accounts have by their name.
        app.advance(24 * 3600 + 1);
        let mut answers = vec![];
        for step in 0..7 {
            answers.push(look(&sign_in(&tenant, login, BAD).await));
            if step == 5 {
                app.advance(30);
            }
        }
        seen.push(answers);
    }

    let statuses: Vec<_> = seen[0].iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 401]);
    for (login, answers) in logins.iter().zip(&seen) {
        assert_eq!(answers, &seen[0], "{login} and {}", logins[0]);
    }
}

#[tokio::test]
async fn a_name_or_an_address_in_another_case_is_the_same() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    for login in ["admin", "ADMIN", "Admin", "adMIN", "aDmIn"] {
        fail(&tenant, login).await;
    }
    wait_for(&sign_in(&tenant, "admin", PASSWORD).await, "sign-in-pair");
    for login in [
        "admin@localhost",
        "Admin@LOCALHOST",
        "ADMIN@localhost",
        "admin@Localhost",
        "aDmIn@localhost",
    ] {
        fail(&tenant, login).await;
    }
    wait_for(&sign_in(&tenant, "admin@localhost", PASSWORD).await, "sign-in-pair");
    for login in ["nobody", "NOBODY", "noBody", "nobodY", "Nobody"] {
        fail(&tenant, login).await;
    }
    wait_for(&sign_in(&tenant, "nobody", PASSWORD).await, "sign-in-pair");
}

#[tokio::test]
async fn one_account_says_nothing_of_another_nor_one_tenant_of_another() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    tenant.sign_up("ada").await;
    app.work().await;
    for _ in 0..5 {
        fail(&tenant, "admin").await;
    }

    wait_for(&sign_in(&tenant, "admin", PASSWORD).await, "sign-in-pair");
    sign_in(&tenant, "ada", PASSWORD).await.expect(200);
    sign_in(&other, "admin", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_reset_of_the_password_forgets_the_wrong_ones() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    tenant.sign_up("ada").await;
    for _ in 0..5 {
        fail(&tenant, "ada").await;
    }
    wait_for(&sign_in(&tenant, "ada", PASSWORD).await, "sign-in-pair");

    let code = crate::support::limits::code_for(&owner, "ada@example.com", "reset_password").await;
    let new = json!({ "email": "ada@example.com", "code": code, "newPassword": "a quite other staple" });
    let reset = tenant.anybody().post("/v1/password/confirm-reset", &new).await;
    reset.expect(200);
    sign_in(&tenant, "ada", "a quite other staple").await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn what_is_not_a_try_is_not_counted() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    for body in [
        json!({ "username": "admin" }),
        json!({ "password": BAD }),
        json!({ "username": 1, "password": BAD }),
        json!([]),
    ] {
        for _ in 0..5 {
            anybody.post("/v1/login", &body).await.expect_problem(400, "invalid");
        }
    }
    for _ in 0..5 {
        anybody
            .post("/v1/login", &credentials("admin", BAD))
            .await
            .expect_problem(401, "credentials_invalid");
    }
    wait_for(&sign_in(&tenant, "admin", BAD).await, "sign-in-pair");
}
