//! "I cannot sign in": why, and what support does about it.

use super::{USERS, make, signs_in};
use crate::support::{
    PASSWORD, Person, Tenant, TestApp,
    limits::{BAD, at, behind_a_proxy, credentials, fail, newest, set_limits, sign_in, wait_for},
    roles::{CONSOLE, count_events, events_of, make_person, make_user},
};
use serde_json::{Value, json};

/// What the sign-in of this user looks like to somebody.
async fn state(by: &Person<'_>, name: &str) -> Value {
    by.get(&format!("{USERS}/{name}/sign-in")).await.expect(200)
}

/// The limits that a user waits for, each with its network.
fn waits(state: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let waits = state["waits"].as_array().unwrap().iter();
    waits
        .map(|wait| (text(&wait["limit"]), text(&wait["network"])))
        .collect()
}

fn unlock(name: &str) -> String {
    format!("{USERS}/{name}/unlock")
}

async fn demand_proof(owner: &Person<'_>) {
    let policy = json!({ "spec": { "mode": "open", "verifyBeforeSignIn": true } });
    owner
        .put(&format!("{CONSOLE}/policies/sign-up"), &policy)
        .await
        .expect(200);
}

#[tokio::test]
async fn who_can_sign_in_has_no_reason_not_to() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let support = make_person(&owner, "sue", "support").await;
    make(&owner, "ada", json!({})).await;
    let found = state(&support, "ada").await;
    assert_eq!(
        found,
        json!({ "allowed": true, "reasons": [], "mustChangePassword": false, "waits": [], "failures": [] })
    );
    tenant.sign_in("ada").await;
    assert!(state(&support, "ada").await["lastSignInAt"].is_string());
    support
        .get(&format!("{USERS}/nobody/sign-in"))
        .await
        .expect_problem(404, "user_not_found");
}

#[tokio::test]
async fn each_reason_not_to_sign_in_is_told() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let reasons = async |name: &str| state(&owner, name).await["reasons"].clone();
    make(&owner, "dora", json!({})).await;
    owner
        .post(&format!("{USERS}/dora/disable"), &Value::Null)
        .await
        .expect(200);
    assert_eq!(reasons("dora").await, json!(["disabled"]));

    make(&owner, "uma", json!({})).await;
    assert_eq!(reasons("uma").await, json!([]), "nobody asks for a proof yet");
    demand_proof(&owner).await;
    assert_eq!(reasons("uma").await, json!(["email_unverified"]));
    assert_eq!(reasons("dora").await, json!(["disabled", "email_unverified"]));
    let refused = sign_in(&tenant, "uma", PASSWORD).await;
    refused.expect_problem(403, "email_unverified");

    let verified = json!({ "email": "tess@example.test", "verified": true });
    make(&owner, "tess", json!({ "mustChangePassword": true })).await;
    owner.put(&format!("{USERS}/tess/email"), &verified).await.expect(200);
    assert_eq!(reasons("tess").await, json!([]));
    assert_eq!(state(&owner, "tess").await["mustChangePassword"], true);
    app.advance(7 * 24 * 3600 + 1);
    let owner = tenant.owner().await;
    assert_eq!(state(&owner, "tess").await["reasons"], json!(["password_expired"]));
    let new = json!({ "name": "nomi", "email": "nomi@example.test" });
    owner.post(USERS, &new).await.expect(200);
    let found = state(&owner, "nomi").await;
    assert_eq!(found["reasons"], json!(["email_unverified", "no_sign_in_method"]));
    assert_eq!(found["allowed"], false);
    app.work().await;
}

#[tokio::test]
async fn a_wait_is_told_with_where_it_holds_since_when_and_until_when() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "ada", json!({})).await;
    for _ in 0..5 {
        let wrong = at(&tenant, "203.0.113.7").sign_in("ada", BAD).await;
        wrong.expect_problem(401, "credentials_invalid");
    }
    let refused = at(&tenant, "203.0.113.7").sign_in("ada", PASSWORD).await;
    assert_eq!(wait_for(&refused, "sign-in-pair"), 30);

    let found = state(&owner, "ada").await;
    assert_eq!(found["allowed"], true, "elsewhere they can");
    assert_eq!(waits(&found), [("sign-in-pair".to_owned(), "203.0.113.7".to_owned())]);
    let wait = &found["waits"][0];
    assert_eq!(
        ["login", "tries", "liftable"].map(|field| wait[field].clone()),
        [json!("ada"), json!(5), json!(true)]
    );
    let at = |field: &str| chrono::DateTime::parse_from_rfc3339(wait[field].as_str().unwrap()).unwrap();
    assert_eq!((at("until") - at("since")).num_seconds(), 30);
    app.advance(30);
    assert!(waits(&state(&owner, "ada").await).is_empty());
}

#[tokio::test]
async fn what_a_limit_refuses_is_told_once_a_minute_among_the_failures() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "ada", json!({})).await;
    let office = at(&tenant, "203.0.113.7");
    for _ in 0..5 {
        office
            .sign_in("ada", BAD)
            .await
            .expect_problem(401, "credentials_invalid");
    }
    let first = office.sign_in("ada", PASSWORD).await;
    wait_for(&first, "sign-in-pair");
    for _ in 0..5 {
        wait_for(&office.sign_in("ada", PASSWORD).await, "sign-in-pair");
    }

    let found = state(&owner, "ada").await;
    let failures = found["failures"].as_array().unwrap();
    let codes: Vec<_> = failures
        .iter()
        .map(|failure| failure["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes[0], "too_many_attempts");
    assert_eq!(codes[1..], ["credentials_invalid"; 5]);
    assert_eq!(failures[0]["ipAddress"], "203.0.113.7");
    let events = events_of(&owner, &first).await;
    let said = ["action", "object", "outcome", "code"].map(|field| events[0][field].clone());
    assert_eq!(said, ["sessions:create", "ada", "refused", "too_many_attempts"]);
    assert_eq!(events[0]["changes"][0]["after"], json!({ "limit": "sign-in-pair" }));
}

#[tokio::test]
async fn no_more_than_the_last_ten_failures_are_told() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "signInPair": { "free": 20 } })).await;
    make(&owner, "ada", json!({})).await;
    for _ in 0..12 {
        fail(&tenant, "ada").await;
    }
    let found = state(&owner, "ada").await;
    assert_eq!(found["failures"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn support_lets_somebody_try_again_at_once() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let support = make_person(&owner, "sue", "support").await;
    make(&owner, "ada", json!({})).await;
    // Both from networks that they never signed in from, by the name and by the address.
    for (address, login) in [("203.0.113.7", "ada"), ("198.51.100.9", "ada@example.test")] {
        for _ in 0..5 {
            let wrong = at(&tenant, address).sign_in(login, BAD).await;
            wrong.expect_problem(401, "credentials_invalid");
        }
        wait_for(&at(&tenant, address).sign_in(login, PASSWORD).await, "sign-in-pair");
    }
    assert_eq!(waits(&state(&support, "ada").await).len(), 2);

    let lifted = support.post(&unlock("ada"), &Value::Null).await;
    let events = events_of(&owner, &lifted).await;
    assert_eq!(lifted.status, 204, "{}", lifted.text);
    let said = ["actor", "action", "object", "outcome"].map(|field| events[0][field].clone());
    assert_eq!(said, ["sue", "users:unlock", "ada", "done"]);
    assert_eq!(events[0]["changes"][0]["before"]["waits"].as_array().unwrap().len(), 2);
    assert!(waits(&state(&support, "ada").await).is_empty());
    at(&tenant, "203.0.113.7").sign_in("ada", PASSWORD).await.expect(200);
    let by_address = at(&tenant, "198.51.100.9").sign_in("ada@example.test", PASSWORD).await;
    by_address.expect(200);

    let before = count_events(&owner).await;
    support.post(&unlock("ada"), &Value::Null).await.expect(204);
    assert_eq!(count_events(&owner).await, before, "nothing was left to lift");
}

#[tokio::test]
async fn what_strangers_did_to_an_account_is_lifted() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "signInAccount": { "free": 3 } })).await;
    make(&owner, "ada", json!({})).await;
    for network in 1..=3 {
        let wrong = at(&tenant, format!("203.0.{network}.7")).sign_in("ada", BAD).await;
        wrong.expect_problem(401, "credentials_invalid");
    }
    let here = at(&tenant, "198.51.100.9");
    wait_for(&here.sign_in("ada", PASSWORD).await, "sign-in-account");
    let found = state(&owner, "ada").await;
    assert_eq!(waits(&found), [("sign-in-account".to_owned(), String::new())]);
    owner.post(&unlock("ada"), &Value::Null).await.expect(204);
    here.sign_in("ada", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_wait_of_a_whole_network_is_told_and_stays() {
    let app = behind_a_proxy().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "signInNetwork": { "most": 2 } })).await;
    make(&owner, "ada", json!({})).await;
    let office = at(&tenant, "203.0.113.7");
    for login in ["bob", "carol"] {
        office
            .sign_in(login, BAD)
            .await
            .expect_problem(401, "credentials_invalid");
    }
    wait_for(&office.sign_in("ada", PASSWORD).await, "sign-in-network");
    let of_office = [("sign-in-network".to_owned(), "203.0.113.7".to_owned())];
    let found = state(&owner, "ada").await;
    assert_eq!(waits(&found), of_office);
    assert_eq!(found["waits"][0]["liftable"], false);
    owner.post(&unlock("ada"), &Value::Null).await.expect(204);
    assert_eq!(waits(&state(&owner, "ada").await), of_office);
    wait_for(&office.sign_in("ada", PASSWORD).await, "sign-in-network");
}

#[tokio::test]
async fn wrong_codes_are_a_wait_that_is_lifted() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    set_limits(&owner, json!({ "tryAddress": { "most": 2 } })).await;
    let ada = tenant.sign_up("ada").await;
    let code = tenant.code_to("ada@example.com").await;
    let give = async |code: &str| {
        let given = json!({ "code": code });
        ada.post("/auth/v1/users/me/email/_verify", &given).await
    };
    for _ in 0..2 {
        give(&crate::support::wrong(&code))
            .await
            .expect_problem(400, "code_invalid");
    }
    wait_for(&give(&code).await, "try-address");
    assert_eq!(
        waits(&state(&owner, "ada").await),
        [("try-address".to_owned(), String::new())]
    );
    owner.post(&unlock("ada"), &Value::Null).await.expect(204);
    assert!(waits(&state(&owner, "ada").await).is_empty());
    give(&code).await.expect(200);
}

#[tokio::test]
async fn nobody_lifts_their_own_waits_or_those_of_who_may_do_more() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let support = make_person(&owner, "sue", "support").await;
    make_user(&owner, "max", "user-manager").await;
    let own = support.post(&unlock("sue"), &Value::Null).await;
    own.expect_problem(409, "own_account");
    for name in ["admin", "max"] {
        for act in ["unlock", "send-password-reset", "send-verification"] {
            let refused = support.post(&format!("{USERS}/{name}/{act}"), &Value::Null).await;
            refused.expect_problem(403, "escalation");
        }
        state(&support, name).await;
    }
    let max = tenant.sign_in("max").await;
    max.post(&unlock("sue"), &Value::Null).await.expect(204);
}

#[tokio::test]
async fn support_mails_the_means_to_choose_another_password() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let support = make_person(&owner, "sue", "support").await;
    make(&owner, "ada", json!({})).await;
    let path = format!("{USERS}/ada/send-password-reset");
    let sent = support.post(&path, &Value::Null).await.expect(200);
    assert_eq!(sent, json!({ "email": "ada@example.test", "resendAfter": 60 }));
    let code = newest(&owner, "ada@example.test").await.code();
    let again = support.post(&path, &Value::Null).await;
    again.expect_problem(429, "too_many_codes");

    let new = "another battery staple";
    let given = json!({ "email": "ada@example.test", "code": code, "newPassword": new });
    tenant
        .anybody()
        .post("/v1/password/confirm-reset", &given)
        .await
        .expect(200);
    assert!(signs_in(&tenant, "ada", new).await);
    app.work().await;
}

#[tokio::test]
async fn support_mails_the_code_for_the_address_that_waits_for_proof() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let support = make_person(&owner, "sue", "support").await;
    make(&owner, "ada", json!({})).await;
    let path = format!("{USERS}/ada/send-verification");
    let sent = support.post(&path, &Value::Null).await.expect(200);
    assert_eq!(sent["email"], "ada@example.test");
    let ada = tenant.sign_in("ada").await;
    let prove = async |address: &str| {
        let given = json!({ "code": newest(&owner, address).await.code() });
        ada.post("/auth/v1/users/me/email/_verify", &given).await.expect(200)
    };
    prove("ada@example.test").await;
    let done = support.post(&path, &Value::Null).await;
    done.expect_problem(400, "email_already_verified");

    let new = json!({ "email": "new@example.test" });
    ada.put("/auth/v1/users/me/email", &new).await.expect(200);
    app.work().await;
    app.advance(61);
    let sent = support.post(&path, &Value::Null).await.expect(200);
    assert_eq!(sent["email"], "new@example.test");
    prove("new@example.test").await;
    app.work().await;
}

#[tokio::test]
async fn nothing_is_mailed_to_who_is_disabled_or_to_an_address_of_somebody_else() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "ada", json!({})).await;
    make(&owner, "eve", json!({ "email": "ada@example.test" })).await;
    let send = async |name: &str, act: &str| owner.post(&format!("{USERS}/{name}/{act}"), &Value::Null).await;
    let reset = send("eve", "send-password-reset").await;
    reset.expect_problem(409, "email_taken");
    let mine = json!({ "email": "ada@example.test", "verified": true });
    owner.put(&format!("{USERS}/ada/email"), &mine).await.expect(200);
    send("eve", "send-verification")
        .await
        .expect_problem(409, "email_taken");
    send("ada", "disable").await.expect(200);
    for act in ["send-password-reset", "send-verification"] {
        send("ada", act).await.expect_problem(409, "user_disabled");
    }
    assert!(tenant.mail_to("ada@example.test").await.is_empty());
}

/// What every try at this name answers once it has to wait, and how many events it leaves.
async fn refused_twice(tenant: &Tenant<'_>, owner: &Person<'_>, login: &str) -> (i64, i64) {
    for _ in 0..5 {
        fail(tenant, login).await;
    }
    let before = count_events(owner).await;
    let mut wait = 0;
    for _ in 0..2 {
        let refused = tenant.anybody().post("/v1/login", &credentials(login, BAD)).await;
        wait = wait_for(&refused, "sign-in-pair");
    }
    (wait, count_events(owner).await - before)
}

#[tokio::test]
async fn a_name_that_nobody_has_leaves_as_much_behind_as_one_that_somebody_has() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make(&owner, "ada", json!({})).await;
    assert_eq!(refused_twice(&tenant, &owner, "ada").await, (30, 1));
    assert_eq!(refused_twice(&tenant, &owner, "eve").await, (30, 1));
}
