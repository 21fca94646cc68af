//! Requests that come again with the same `Idempotency-Key`.

use super::operations;
use crate::support::{PASSWORD, Person, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry::access::permission;

const USERS: &str = "/apis/console/v1alpha1/users";
const ADA: &str = "ada@example.com";

async fn send(person: &Person<'_>, path: &str, key: &str, body: &Value) -> Reply {
    let request = person.request(Method::POST, path).header("idempotency-key", key);
    person.send(request.json(body)).await
}

fn new_user(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD })
}

#[tokio::test]
async fn a_request_that_comes_again_with_its_key_is_done_once_and_answered_as_the_first_time() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let first = send(&owner, USERS, "k-1", &new_user("ada")).await;
    let again = send(&owner, USERS, "k-1", &new_user("ada")).await;
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(first.header("etag"), again.header("etag"));
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
    let events = "select count(*) from audit_event where action = 'users:create' and outcome = 'done'";
    assert_eq!(app.count(events).await, 1);
    // Without the key it is another request.
    owner
        .post(USERS, &new_user("ada"))
        .await
        .expect_problem(409, "user_name_taken");
    let other = send(&owner, USERS, "k-1", &new_user("bob")).await;
    other.expect_problem(422, "idempotency_key_reused");
    // The key of another person, or of another operation, is another one.
    let invited = json!({ "spec": { "email": "eve@example.com" } });
    send(&owner, "/apis/console/v1alpha1/invitations", "k-1", &invited)
        .await
        .expect(200);
    app.work().await;
    app.advance(24 * 3600 - 60);
    let owner = app.default_tenant().owner().await;
    assert_eq!(send(&owner, USERS, "k-1", &new_user("ada")).await.text, first.text);
    app.advance(120);
    let owner = app.default_tenant().owner().await;
    let late = send(&owner, USERS, "k-1", &new_user("ada")).await;
    late.expect_problem(409, "user_name_taken");
}

#[tokio::test]
async fn what_was_answered_is_told_to_nobody_else() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, anybody) = (tenant.owner().await, tenant.anybody());
    send(&owner, USERS, "k-1", &new_user("ada")).await.expect(200);
    send(&anybody, USERS, "k-1", &new_user("ada"))
        .await
        .expect_problem(401, "unauthenticated");
    let ada = tenant.sign_in("ada").await;
    send(&ada, USERS, "k-1", &new_user("ada"))
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_request_that_was_refused_gives_its_key_back() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let wrong = json!({ "name": "ada", "email": "nobody", "password": PASSWORD });
    send(&owner, USERS, "k-1", &wrong).await.expect_problem(400, "invalid");
    send(&owner, USERS, "k-1", &new_user("admin"))
        .await
        .expect_problem(409, "user_name_taken");
    send(&owner, USERS, "k-1", &new_user("ada")).await.expect(200);
}

#[tokio::test]
async fn a_request_whose_twin_is_still_running_is_told_so_and_one_whose_answer_was_lost_as_well() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    send(&owner, USERS, "k-1", &new_user("ada")).await.expect(200);
    // As if the server had stopped between the act and its answer.
    app.execute("update idempotency set sealed_answer = null").await;
    send(&owner, USERS, "k-1", &new_user("ada"))
        .await
        .expect_problem(409, "answer_lost");
    app.execute("update idempotency set done = false").await;
    let running = send(&owner, USERS, "k-1", &new_user("ada")).await;
    assert_eq!(running.header("retry-after"), "1");
    running.expect_problem(409, "request_running");
}

#[tokio::test]
async fn every_group_answers_a_request_that_comes_again() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    let twice = async |path: &str, body: Value| {
        let first = send(&anybody, path, path, &body).await;
        assert!(first.status.is_success(), "{path}: {}", first.text);
        let again = send(&anybody, path, path, &body).await;
        assert_eq!((first.status, &first.text), (again.status, &again.text), "{path}");
        first.json()
    };
    twice(
        "/v1/register",
        json!({ "username": "ada", "email": ADA, "password": PASSWORD }),
    )
    .await;
    let new = json!({ "user": { "email": "bob@example.com" }, "password": PASSWORD, "confirmPassword": PASSWORD });
    twice("/api/auth/register", new).await;
    assert_eq!(app.count("select count(*) from \"user\"").await, 3);
    // Neither mails twice, nor is it too soon for the second.
    app.advance(61);
    twice("/v1/password/reset", json!({ "email": ADA })).await;
    let mails = tenant.mail_to(ADA).await;
    let [reset, _sign_up] = &mails[..] else {
        panic!("one mail of the reset and one of the sign-up: {mails:?}")
    };
    assert!(reset.link().starts_with("/login/reset?"), "{}", reset.link());
    let (ada, resend) = (
        tenant.sign_in("ada").await,
        "/auth/v1/users/me/email/_resend_verification",
    );
    let resent = send(&ada, resend, "k-1", &json!({})).await.expect(200);
    let again = send(&ada, resend, "k-1", &json!({})).await.expect(200);
    assert_eq!(resent, again);
    assert_eq!(tenant.mail_to(ADA).await.len(), 3, "one more, of the proof");
    let made = twice("/api/user/reset", json!({ "email": ADA, "token": reset.code() })).await;
    let password = made["data"].as_str().unwrap();
    let given = json!({ "username": "ada", "password": password });
    anybody.post("/v1/login", &given).await.expect(200);
    assert!(!app.dump().await.contains(password), "a password in the database");
    assert_eq!(tenant.mail_to(ADA).await.len(), 4, "one more, of the new password");
}

#[tokio::test]
async fn a_key_is_one_text_of_visible_characters() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for wrong in ["", "a b", "ключ", &"x".repeat(256)] {
        let refused = send(&owner, USERS, wrong, &new_user("ada"))
            .await
            .expect_problem(400, "invalid");
        assert_eq!(refused["errors"][0]["field"], "Idempotency-Key", "{wrong:?}");
    }
    send(&owner, USERS, &"x".repeat(255), &new_user("ada"))
        .await
        .expect(200);
}

#[test]
fn every_operation_that_creates_something_documents_the_key_and_no_other_does() {
    let mut found = 0;
    for operation in operations() {
        let known = permission::ALL.iter().find(|known| known.id == operation.permission());
        let creates = operation.method == Method::POST && known.unwrap().creates();
        let parameters = operation.json["parameters"].as_array().into_iter().flatten();
        let documents = parameters
            .filter(|parameter| parameter["name"] == "Idempotency-Key")
            .count();
        assert_eq!(documents, usize::from(creates), "{}", operation.label());
        found += documents;
    }
    assert!(found > 10, "{found}");
}

#[tokio::test]
async fn the_same_sign_up_without_a_name_makes_one_account() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    let sign_up = async |first_name: &str, password: &str| {
        let user = json!({ "firstName": first_name, "email": "ada@example.com" });
        let new = json!({ "user": user, "password": password, "confirmPassword": password });
        anybody.post("/api/auth/register", &new).await.expect(201)
    };
    let first = sign_up("Ada", PASSWORD).await;
    assert_eq!(sign_up("Ada", PASSWORD).await, first);
    // Whoever knows another password is not to share the account.
    let other = sign_up("Ada", "another horse battery staple").await;
    assert_ne!(other["id"], first["id"]);
    assert_ne!(sign_up("Eve", PASSWORD).await["id"], first["id"]);
    app.work().await;
    // Once the address is proven, the account takes no part in sign-ups.
    app.execute(
        "update email set verified_at = created_at where user_id = (select id from \"user\" where name = 'ada')",
    )
    .await;
    assert_ne!(sign_up("Ada", PASSWORD).await["id"], first["id"]);
    app.work().await;
}
