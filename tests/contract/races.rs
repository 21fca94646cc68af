//! One thing and fifty who want it at once: one of them gets it, in every round.

use crate::support::limits::{code_for, newest, set_limits};
use crate::support::{CROWD, PASSWORD, Person, Reply, Tenant, TestApp, rounds};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Made by bcrypt of `an imported passphrase, läng`.
const IMPORTED: &str = "$2b$06$MG0wQTCvpoObj6v.a6L7Y.bMdh8pI3GK4uHRurt05mDGAntlK.SHq";
const OWN: &str = "/auth/v1/users/me";

/// Rounds in which fifty passwords are hashed, or fifty mails read.
fn slow_rounds() -> usize {
    rounds().div_ceil(5)
}

/// A tenant whose limits are out of the way.
async fn boundless<'a>(tenant: &Tenant<'a>) -> Person<'a> {
    let owner = tenant.owner().await;
    let quota = json!({ "most": 1_000_000, "seconds": 1 });
    let names = [
        "codePause",
        "codeAddress",
        "codeAddressLong",
        "codeNetwork",
        "codeTenant",
        "tryAddress",
        "tryNetwork",
        "tryTenant",
        "signUpNetwork",
        "signUpTenant",
    ];
    let changes: Value = names.iter().map(|name| ((*name).to_owned(), quota.clone())).collect();
    set_limits(&owner, changes).await;
    owner
}

/// Fifty requests at once, made of their number.
async fn crowd(who: &Person<'_>, path: &str, body: impl Fn(usize) -> Value) -> Vec<Reply> {
    let bodies: Vec<_> = (0..CROWD).map(body).collect();
    join_all(bodies.iter().map(|body| who.post(path, body))).await
}

/// One was answered with 200 and all others with this problem.
#[track_caller]
fn one_wins(answers: Vec<Reply>, status: u16, code: &str) -> Value {
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    let said: Vec<_> = won.iter().map(|answer| answer.text.as_str()).collect();
    assert_eq!(won.len(), 1, "{said:?}, {}", lost[0].text);
    for answer in lost {
        answer.expect_problem(status, code);
    }
    won[0].json()
}

#[tokio::test]
async fn one_code_makes_one_account() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = boundless(&tenant).await;
    for round in 0..slow_rounds() {
        let address = format!("ada{round}@example.com");
        let code = code_for(&owner, &address, "register").await;
        let new =
            |n| json!({ "username": format!("ada{round}-{n}"), "email": address, "password": PASSWORD, "code": code });
        let made = one_wins(crowd(&tenant.anybody(), "/v1/register", new).await, 400, "code_invalid");
        assert_eq!(made["emailVerified"], true);
    }
    let users = app.count("select count(*) from \"user\"").await;
    assert_eq!(usize::try_from(users).unwrap(), 1 + slow_rounds());
}

#[tokio::test]
async fn one_code_proves_an_address_once() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = boundless(&tenant).await;
    let ada = tenant.sign_up("ada").await;
    for round in 0..rounds() {
        let address = format!("ada{round}@example.com");
        ada.put(&format!("{OWN}/email"), &json!({ "email": address }))
            .await
            .expect(200);
        let mail = newest(&owner, &address).await;
        // By the code in one round and by the link in the next: they are one secret.
        let secrets = [mail.code(), mail.token()];
        let given = |n: usize| json!({ "email": address, "code": secrets[(n + round) % 2] });
        let answers = crowd(&ada, crate::support::limits::VERIFY, given).await;
        one_wins(answers, 400, "code_invalid");
        let now = ada.get(&format!("{OWN}/email")).await.expect(200);
        assert_eq!(now["email"], json!({ "email": address, "isEmailVerified": true }));
    }
    app.work().await;
}

#[tokio::test]
async fn one_code_or_link_resets_a_password_once() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = boundless(&tenant).await;
    tenant.sign_up("ada").await;
    for round in 0..slow_rounds() {
        let code = code_for(&owner, "ada@example.com", "reset_password").await;
        let new = |n: usize| format!("staple number {round} of {n} many");
        let given = |n| json!({ "email": "ada@example.com", "code": code, "newPassword": new(n) });
        let answers = crowd(&tenant.anybody(), "/v1/password/confirm-reset", given).await;
        let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
        one_wins(answers, 400, "code_invalid");
        crate::support::limits::sign_in(&tenant, "ada", &new(winner))
            .await
            .expect(200);

        code_for(&owner, "ada@example.com", "reset_password").await;
        let token = newest(&owner, "ada@example.com").await.token();
        let given = |n| json!({ "token": token, "password": new(n), "confirmPassword": new(n) });
        let answers = crowd(&tenant.anybody(), "/api/auth/reset-password", given).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, CROWD - 1));
        for answer in lost {
            assert_eq!(answer.expect(400)["message"], "Password Reset Failed.");
        }
    }
    app.work().await;
}

#[tokio::test]
async fn one_invitation_makes_one_account() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = boundless(&tenant).await;
    for round in 0..slow_rounds() {
        let address = format!("ada{round}@example.com");
        let invited = json!({ "spec": { "email": address } });
        owner
            .post(&format!("{}/invitations", crate::support::limits::CONSOLE), &invited)
            .await
            .expect(200);
        let token = newest(&owner, &address).await.token();
        let new =
            |n| json!({ "username": format!("ada{round}-{n}"), "email": address, "password": PASSWORD, "code": token });
        one_wins(crowd(&tenant.anybody(), "/v1/register", new).await, 400, "code_invalid");
    }
}

#[tokio::test]
async fn one_address_is_proven_by_one_of_fifty_who_claim_it() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = boundless(&tenant).await;
    let names: Vec<_> = (0..CROWD).map(|n| format!("user{n}")).collect();
    let people = join_all(names.iter().map(|name| tenant.sign_up(name))).await;
    app.work().await;
    for round in 0..slow_rounds() {
        let address = format!("prize{round}@example.com");
        for person in &people {
            person
                .put(&format!("{OWN}/email"), &json!({ "email": address }))
                .await
                .expect(200);
        }
        app.work().await;
        let mut mails = owner.inbox(&address).await;
        // Newest first; they were asked for one after the other.
        mails.reverse();
        let given: Vec<_> = mails.iter().map(|mail| json!({ "code": mail.code() })).collect();
        let path = format!("{OWN}/email/_verify");
        let tries = people.iter().zip(&given).map(|(person, code)| person.post(&path, code));
        one_wins(join_all(tries).await, 409, "email_taken");
        let owners = format!("select count(*) from email where address_key = '{address}' and verified_at is not null");
        assert_eq!(app.count(&owners).await, 1);
    }
    app.work().await;
}

#[tokio::test]
async fn one_name_is_taken_by_one_of_fifty_who_sign_up() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    boundless(&tenant).await;
    for round in 0..slow_rounds() {
        let new = |n| json!({ "username": format!("ada{round}"), "email": format!("ada{n}@example.com"), "password": PASSWORD });
        let answers = crowd(&tenant.anybody(), "/v1/register", new).await;
        one_wins(answers, 409, "user_name_taken");
    }
    app.work().await;
}

#[tokio::test]
async fn one_refresh_token_has_one_successor_and_ends_the_session_when_it_comes_late() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let mut owner = tenant.owner().await;
    let mut before = Value::Null;
    for _ in 0..rounds() {
        let given = json!({ "refreshToken": owner.tokens["refreshToken"] });
        let answers = crowd(&tenant.anybody(), "/v1/refresh", |_| given.clone()).await;
        let next: BTreeSet<_> = answers
            .iter()
            .map(|answer| {
                assert_eq!(answer.status, 200, "{}", answer.text);
                answer.json()["refreshToken"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(next.len(), 1);
        let live = "select count(*) from refresh_token where used_at is null";
        assert_eq!(app.count(live).await, 1);
        before = given;
        owner.tokens = answers[0].json();
    }

    app.advance(11);
    let answers = crowd(&tenant.anybody(), "/v1/refresh", |_| before.clone()).await;
    for answer in answers {
        answer.expect_problem(401, "refresh_token_invalid");
    }
    let newest = json!({ "refreshToken": owner.tokens["refreshToken"] });
    tenant
        .anybody()
        .post("/v1/refresh", &newest)
        .await
        .expect_problem(401, "refresh_token_invalid");
    owner
        .get(&format!("{}/users/-", crate::support::limits::CONSOLE))
        .await
        .expect_problem(401, "unauthenticated");
    tenant.owner().await;
}

#[tokio::test]
async fn no_sign_in_with_the_password_before_outlives_a_reset_it_raced() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = boundless(&tenant).await;
    let delay = json!({ "free": 100, "most": 1_000 });
    let quota = json!({ "most": 1_000_000, "seconds": 1 });
    let changes = json!({
        "signInPair": delay, "signInAccount": delay, "signInNetwork": quota, "signInTenant": quota,
    });
    set_limits(&owner, changes).await;
    tenant.sign_up("ada").await;
    let mut password = PASSWORD.to_owned();
    for round in 0..rounds() {
        // Every other time it is a hash of another system, which a sign-in makes anew.
        if round % 2 == 1 {
            let import = format!("update \"user\" set password_hash = '{IMPORTED}' where name = 'ada'");
            app.execute(&import).await;
            "an imported passphrase, läng".clone_into(&mut password);
        }
        let code = code_for(&owner, "ada@example.com", "reset_password").await;
        let next = format!("staple number {round} of many");
        let reset = json!({ "email": "ada@example.com", "code": code, "newPassword": next });
        let (old, anybody) = (json!({ "username": "ada", "password": password }), tenant.anybody());
        let sign_ins = join_all((0..5).map(|_| anybody.post("/v1/login", &old)));
        let (done, answers) = tokio::join!(anybody.post("/v1/password/confirm-reset", &reset), sign_ins);
        done.expect(200);
        for answer in answers {
            assert!(matches!(answer.status.as_u16(), 200 | 401), "{}", answer.text);
        }
        let living = "select count(*) from session where ended_at is null
            and user_id in (select id from \"user\" where name = 'ada')";
        assert_eq!(app.count(living).await, 0, "round {round}");
        crate::support::limits::sign_in(&tenant, "ada", &next).await.expect(200);
        assert_eq!(app.count(living).await, 1, "the control");
        password = next;
    }
    app.work().await;
}
