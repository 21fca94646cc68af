//! The statements that every operation issues, begin and commit included, as snapshots: what a
//! change costs or spares is seen in its diff.
//!
//! The figures are those of a running server, which has read the policy and the keys of the
//! tenant. `INSTA_UPDATE=always` writes the snapshots anew.

mod given;
mod shape;

use super::{Operation, isolation, operations};
use crate::support::{TestApp, database, statements};
use given::{Given, Scene};
use reqwest::Method;
use serde_json::Value;
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

/// The path of the operation, filled in.
fn path_of(operation: &Operation, given: &Given<'_>) -> String {
    let mut names = given.names.iter();
    let segments = operation.path.split('/').map(|segment| match segment.starts_with('{') {
        true => names.next().expect("a name for every parameter"),
        false => segment,
    });
    let path = segments.collect::<Vec<_>>().join("/");
    assert!(names.next().is_none(), "{}: too many names", operation.label());
    path + given.query.as_str()
}

/// Has the operation succeed and returns the statements it issued.
async fn perform(scene: &Scene<'_>, operation: &Operation) -> Vec<String> {
    let given = given::given(scene, operation).await;
    let path = path_of(operation, &given);
    let mut request = given.by.request(operation.method.clone(), &path);
    if operation.json["requestBody"]["content"]["multipart/form-data"].is_object() {
        request = request
            .header("content-type", isolation::FORM)
            .body(isolation::picture());
    } else if given.body != Value::Null {
        request = request.json(&given.body);
    }
    // What was made ready may have changed the policy: somebody else has it read.
    scene.owner.get(&format!("{USERS}/-")).await.expect(200);
    let reply = given.by.send(request).await;
    let is_done = reply.status.is_success() && reply.json()["success"] != false;
    assert!(is_done, "{}: {} {}", operation.label(), reply.status, reply.text);
    scene.owner.tenant.app.work().await;
    shape::of(&statements::of(reply.header("x-request-id")))
}

/// The statements of the operation on a warm server: it is performed twice, in a tenant of its own,
/// and the second time counts.
async fn record(app: &TestApp, number: usize, operation: &Operation) -> Vec<String> {
    let tenant = app.tenant(&format!("tenant-{number}")).await;
    let owner = tenant.owner().await;
    let mut issued = vec![];
    for number in 0..2 {
        let owner = owner.clone();
        issued = perform(&Scene { owner, number }, operation).await;
    }
    issued
}

/// The statements of a list of 20 users.
async fn record_list(app: &TestApp) -> Vec<String> {
    let owner = app.tenant("twenty").await.owner().await;
    for number in 0..19 {
        Scene {
            owner: owner.clone(),
            number,
        }
        .make_user()
        .await;
    }
    let mut issued = vec![];
    for _ in 0..2 {
        let reply = owner
            .send(owner.request(Method::GET, &format!("{USERS}?size=20")))
            .await;
        issued = shape::of(&statements::of(reply.header("x-request-id")));
        assert_eq!(reply.expect(200)["items"].as_array().unwrap().len(), 20);
    }
    issued
}

#[tokio::test]
async fn every_operation_issues_the_statements_it_did() {
    statements::collect();
    let app = TestApp::start().await;
    let mut records = vec![];
    for (number, operation) in operations().iter().enumerate() {
        let name = format!("{} {}", operation.document, operation.id());
        records.push((name, record(&app, number, operation).await));
    }
    let list = record_list(&app).await;

    let mut text = String::new();
    for (walk, name) in WALKS {
        let (_, issued) = records.iter().find(|(of, _)| of == name).expect(name);
        writeln!(text, "{walk} ({name}): {}", issued.len()).unwrap();
    }
    writeln!(text, "list 20 users (console.v1alpha1 ListUsers): {}", list.len()).unwrap();
    records.push(("console.v1alpha1 ListUsers of 20".to_owned(), list));
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
