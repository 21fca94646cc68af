//! What operators let a tenant have at most.

use super::TENANTS;
use crate::{
    contract,
    support::{
        CROWD, PASSWORD, Person, Reply, TestApp,
        roles::{CONSOLE, count_events, wrong_fields},
        smtp::sender,
    },
};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

/// What makes the body of a request by a name.
type New<'a> = &'a dyn Fn(&str) -> Value;

async fn limit(operator: &Person<'_>, spec: Value) -> Value {
    let path = format!("{TENANTS}/acme/quotas");
    operator.put(&path, &json!({ "spec": spec })).await.expect(200)
}

/// What the refusal of one too many says.
fn expect_exceeded(reply: Reply) -> (String, String) {
    let body = reply.expect_problem(409, "quota_exceeded");
    let told = |at: usize| body["errors"][at]["detail"].as_str().unwrap().to_owned();
    (told(0), told(1))
}

#[tokio::test]
async fn nobody_gets_more_than_the_quota_and_what_is_there_stays() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let (operator, owner) = (app.default_tenant().owner().await, acme.owner().await);
    let role = |name: &str| json!({ "metadata": { "name": name }, "spec": { "displayName": name } });
    let user = |name: &str| json!({ "name": name, "email": format!("{name}@example.com") });
    let application = |name: &str| json!({ "preset": "native", "metadata": { "name": name } });
    let provider =
        |name: &str| json!({ "metadata": { "name": name }, "spec": { "kind": "oidc", "displayName": name } });
    let domain = |name: &str| json!({ "metadata": { "name": format!("{name}.example") } });
    let cases: [(&str, &str, New<'_>, usize); 6] = [
        ("roles", "roles", &role, 0),
        // The owner is one.
        ("users", "users", &user, 1),
        ("applications", "applications", &application, 0),
        ("providers", "auth-provider-configs", &provider, 0),
        ("senders", "senders", &|name| sender(name), 0),
        ("domains", "domains", &domain, 0),
    ];
    for (quota, path, new, there) in cases {
        let path = format!("{CONSOLE}/{path}");
        owner.post(&path, &new("a")).await.expect(200);
        limit(&operator, json!({ quota: there + 2 })).await;
        owner.post(&path, &new("b")).await.expect(200);
        let told = expect_exceeded(owner.post(&path, &new("c")).await);
        assert_eq!(told, ((there + 2).to_string(), (there + 2).to_string()), "{quota}");
        // Less than there is takes nothing away.
        limit(&operator, json!({ quota: 1 })).await;
        let told = expect_exceeded(owner.post(&path, &new("c")).await);
        assert_eq!(told, ("1".to_owned(), (there + 2).to_string()), "{quota}");
        let shown = owner.get(&format!("{CONSOLE}/quotas")).await.expect(200);
        assert_eq!(
            (&shown["spec"][quota], &shown["status"]["used"][quota]),
            (&json!(1), &json!(there + 2)),
            "{quota}"
        );
        limit(&operator, json!({})).await;
        owner.post(&path, &new("c")).await.expect(200);
    }
}

#[tokio::test]
async fn files_and_backups_take_no_more_room_than_the_quota() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let (operator, owner) = (app.default_tenant().owner().await, acme.owner().await);
    contract::make_attachment(&owner, "a.png").await;
    let used = |shown: &Value, what: &str| shown["status"]["used"][what].as_u64().unwrap();
    let shown = owner.get(&format!("{CONSOLE}/quotas")).await.expect(200);
    let bytes = used(&shown, "attachmentBytes");
    assert!(bytes > 0);
    limit(
        &operator,
        json!({ "attachmentBytes": bytes, "backups": 1, "backupBytes": 1 << 30 }),
    )
    .await;
    let form = contract::picture();
    let upload = owner.request(Method::POST, &format!("{CONSOLE}/attachments/upload"));
    let upload = upload.header("content-type", contract::FORM).body(form);
    let (most, _) = expect_exceeded(owner.send(upload).await);
    assert_eq!(most, bytes.to_string());

    let backups = format!("{CONSOLE}/backups");
    owner.post(&backups, &json!({})).await.expect(200);
    app.work().await;
    assert_eq!(
        expect_exceeded(owner.post(&backups, &json!({})).await),
        ("1".into(), "1".into())
    );
    limit(&operator, json!({ "backupBytes": 10 })).await;
    let (most, used) = expect_exceeded(owner.post(&backups, &json!({})).await);
    assert_eq!(most, "10");
    assert!(used.parse::<u64>().unwrap() > 10);
}

#[tokio::test]
async fn of_many_who_want_the_last_place_one_gets_it() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let (operator, owner) = (app.default_tenant().owner().await, acme.owner().await);
    limit(&operator, json!({ "users": 2, "roles": 1 })).await;
    let users = (0..CROWD).map(|number| {
        let new = json!({ "name": format!("user-{number}"), "email": format!("user-{number}@example.com") });
        let owner = owner.clone();
        async move { owner.post(&format!("{CONSOLE}/users"), &new).await.status }
    });
    let done = join_all(users)
        .await
        .into_iter()
        .filter(reqwest::StatusCode::is_success)
        .count();
    assert_eq!(done, 1);
    let roles = (0..CROWD).map(|number| {
        let new = json!({ "metadata": { "name": format!("role-{number}") }, "spec": { "displayName": "Made" } });
        let owner = owner.clone();
        async move { owner.post(&format!("{CONSOLE}/roles"), &new).await.status }
    });
    let done = join_all(roles)
        .await
        .into_iter()
        .filter(reqwest::StatusCode::is_success)
        .count();
    assert_eq!(done, 1);
    // Nor does anybody who signs up.
    let new = json!({ "username": "ada", "email": "ada@example.com", "password": PASSWORD });
    acme.anybody()
        .post("/v1/register", &new)
        .await
        .expect_problem(409, "quota_exceeded");
}

#[tokio::test]
async fn a_tenant_gets_as_many_requests_as_it_may_and_others_get_theirs() {
    let app = TestApp::start().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let operator = app.default_tenant().owner().await;
    limit(&operator, json!({ "requestsPerSecond": 2, "requestBurst": 5 })).await;
    app.advance(2);
    let path = format!("{CONSOLE}/tenant");
    let mut answers = vec![];
    for _ in 0..8 {
        answers.push(acme.anybody().get(&path).await);
    }
    let refused = answers.pop().unwrap();
    assert_eq!(refused.header("retry-after"), "1");
    refused.expect_problem(429, "too_many_requests");
    assert_eq!(answers.iter().filter(|reply| reply.status == 200).count(), 5);
    other.anybody().get(&path).await.expect(200);
    app.advance(1);
    acme.anybody().get(&path).await.expect(200);
    limit(&operator, json!({})).await;
    app.advance(2);
    for _ in 0..8 {
        acme.anybody().get(&path).await.expect(200);
    }
}

#[tokio::test]
async fn quotas_are_changed_as_they_were_read_and_both_trails_say_so() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (operator, owner) = (app.default_tenant().owner().await, acme.owner().await);
    let path = format!("{TENANTS}/acme/quotas");
    let mut read = operator.get(&path).await.expect(200);
    assert_eq!(read["spec"], json!({}));
    let before = (count_events(&operator).await, count_events(&owner).await);
    // As it was read, but for what is decided.
    read["spec"]["users"] = 5.into();
    let written = operator.put(&path, &read).await.expect(200);
    assert_eq!(
        (&written["metadata"]["version"], &written["spec"]),
        (&json!(2), &json!({ "users": 5 }))
    );
    assert_eq!(
        (count_events(&operator).await, count_events(&owner).await),
        (before.0 + 1, before.1 + 1)
    );
    operator.put(&path, &read).await.expect_problem(409, "version_conflict");
    read["metadata"]["version"] = 2.into();
    read["status"]["used"]["users"] = 9.into();
    assert_eq!(wrong_fields(operator.put(&path, &read).await), ["status.used.users"]);
    for (wrong, field) in [
        (json!({ "users": -1 }), "spec.users"),
        (json!({ "users": 1.5 }), "spec.users"),
        (json!({ "users": "many" }), "spec.users"),
        (json!({ "requestsPerSecond": 0 }), "spec.requestsPerSecond"),
        (json!({ "requestBurst": 5_000_000_000_u64 }), "spec.requestBurst"),
        (json!({ "sheep": 1 }), "spec.sheep"),
    ] {
        let refused = operator.put(&path, &json!({ "spec": wrong })).await;
        assert_eq!(wrong_fields(refused), [field], "{wrong}");
    }
    let nowhere = operator
        .put(&format!("{TENANTS}/nowhere/quotas"), &json!({ "spec": {} }))
        .await;
    nowhere.expect_problem(404, "tenant_not_found");
    owner
        .put(&path, &json!({ "spec": {} }))
        .await
        .expect_problem(404, "not_found");
}
