//! The statements that every operation issues, begin and commit included, as snapshots: what a
//! change costs or spares is seen in its diff.
//!
//! The figures are those of a running server, which has read the policy, the keys of the tenant and
//! the caller already. `INSTA_UPDATE=always` writes the snapshots anew.

pub(super) mod given;
mod shape;

use super::{Operation, makers, operations};
use crate::support::{Person, TestApp, database, statements};
use given::{Given, Scene};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::fmt::Write;

const USERS: &str = "/apis/console/v1alpha1/users";

/// What people do most, by the operation that does it.
const WALKS: [(&str, &str); 5] = [
    ("grant a role", "console.v1alpha1 GrantPermission"),
    ("verify an address with the password", "console.v1alpha1 VerifyEmail"),
    ("verify an address", "auth.v1 VerifyMyEmail"),
    ("sign in", "gateway.v1 Login"),
    ("send another code", "auth.v1 ResendMyEmailVerification"),
];

/// A path of an operation, filled in.
pub(super) fn path_of(path: &str, given: &Given<'_>) -> String {
    let mut names = given.names.iter();
    let segments = path.split('/').map(|segment| match segment.starts_with('{') {
        true => names.next().expect("a name for every parameter"),
        false => segment,
    });
    let filled = segments.collect::<Vec<_>>().join("/");
    assert!(names.next().is_none(), "{path}: too many names");
    filled + given.query.as_str()
}

/// The request to this path of an operation.
pub(super) fn request_of(operation: &Operation, path: &str, given: &Given<'_>) -> RequestBuilder {
    let mut request = given.by.request(operation.method.clone(), path);
    if let Some((name, value)) = &given.header {
        request = request.header(*name, value);
    }
    let takes = &operation.json["requestBody"]["content"];
    if takes["multipart/form-data"].is_object() {
        let form = match given.body.as_object() {
            Some(texts) => makers::texts(texts),
            None if operation.id() == "CreateUserImport" => makers::users_of("people"),
            None => makers::picture(),
        };
        request = request.header("content-type", makers::FORM).body(form);
    } else if takes["application/x-www-form-urlencoded"].is_object() {
        request = request.form(&given.body);
    } else if given.body != Value::Null {
        request = request.json(&given.body);
    }
    request
}

/// Sends a request that succeeds, to a server that has just been asked by its caller, and returns
/// what was answered and the statements it issued.
async fn warm(label: &str, owner: &Person<'_>, by: &Person<'_>, request: RequestBuilder) -> (Value, Vec<String>) {
    // What was made ready may have changed the policy.
    owner.get(&format!("{USERS}/-")).await.expect(200);
    if by.tokens != Value::Null {
        by.get("/api/auth/check").await.expect(200);
    }
    let reply = by.send(request).await;
    let is_done = (reply.status.is_success() || reply.status == 303) && reply.json()["success"] != false;
    assert!(is_done, "{label}: {} {}", reply.status, reply.text);
    let issued = statements::of(reply.header("x-request-id"));
    (reply.json(), shape::of(&issued))
}

/// Has the operation succeed in a tenant of its own and returns the statements it issued.
async fn record(app: &TestApp, number: usize, operation: &Operation) -> Vec<String> {
    let tenant = match operation.document {
        "system.v1alpha1" => app.default_tenant(),
        _ => app.tenant(&format!("tenant-{number}")).await,
    };
    let owner = tenant.owner().await;
    let given = given::given(&Scene { owner: owner.clone() }, operation).await;
    let path = path_of(&operation.path, &given);
    let request = request_of(operation, &path, &given);
    let (_, issued) = warm(&operation.label(), &owner, &given.by, request).await;
    app.work().await;
    issued
}

/// The statements of a list of 20 users.
async fn record_list(app: &TestApp) -> Vec<String> {
    let owner = app.tenant("twenty").await.owner().await;
    for number in 1..20 {
        let new = json!({ "name": format!("user-{number}"), "email": format!("user-{number}@example.test") });
        owner.post(USERS, &new).await.expect(200);
    }
    let list = owner.request(Method::GET, &format!("{USERS}?size=20"));
    let (listed, issued) = warm("the list", &owner, &owner, list).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 20);
    issued
}

/// The statements of a request with an `Idempotency-Key`, and of the same again.
async fn record_repeated(app: &TestApp) -> [Vec<String>; 2] {
    let owner = app.tenant("repeated").await.owner().await;
    let new = json!({ "name": "ada", "email": "ada@example.test" });
    let request = || {
        let request = owner.request(Method::POST, USERS).json(&new);
        request.header("idempotency-key", "k-1")
    };
    let (made, first) = warm("the first", &owner, &owner, request()).await;
    let (answered, again) = warm("the same again", &owner, &owner, request()).await;
    assert_eq!(made, answered);
    [first, again]
}

#[tokio::test]
async fn every_operation_issues_the_statements_it_did() {
    statements::collect();
    // None is closed to open another one.
    let app = TestApp::start_with(|config| config.open_tenants = 1_000).await;
    let mut records = vec![];
    for (number, operation) in operations().iter().enumerate() {
        let name = format!("{} {}", operation.document, operation.id());
        records.push((name, record(&app, number, operation).await));
    }
    let list = record_list(&app).await;
    let [first, again] = record_repeated(&app).await;

    let mut text = String::new();
    for (walk, name) in WALKS {
        let (_, issued) = records.iter().find(|(of, _)| of == name).expect(name);
        writeln!(text, "{walk} ({name}): {}", issued.len()).unwrap();
    }
    writeln!(text, "list 20 users (console.v1alpha1 ListUsers): {}", list.len()).unwrap();
    records.push(("console.v1alpha1 ListUsers of 20".to_owned(), list));
    records.push(("console.v1alpha1 CreateUser with a key".to_owned(), first));
    records.push(("console.v1alpha1 CreateUser with the same key again".to_owned(), again));
    for (name, issued) in &records {
        writeln!(text, "\n{name}: {}", issued.len()).unwrap();
        for statement in issued {
            writeln!(text, "  {statement}").unwrap();
        }
    }
    let database = if database::is_postgres() { "postgres" } else { "sqlite" };
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(database, text);
    });
}
