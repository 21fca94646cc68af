//! Conditions of requests: every operation whose object has an entity tag takes them.

use super::{
    Operation,
    makers::{make, with_query},
    secured,
};
use crate::support::{
    PASSWORD, Person, Reply, TestApp,
    roles::{CONSOLE, make_role, make_user},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Whether the document says that the operation takes this header.
fn takes(operation: &Operation, header: &str) -> bool {
    let mut parameters = operation.json["parameters"].as_array().into_iter().flatten();
    parameters.any(|parameter| parameter["name"] == header)
}

/// The path of the operation on an object that was made for it.
async fn path_of(person: &Person<'_>, operation: &Operation, number: usize) -> String {
    let mut path = operation.path.clone();
    for (at, parameter) in operation.path_parameters().enumerate() {
        let made = make(person, operation, parameter, number + at).await;
        path = path.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), &made);
    }
    path
}

/// The request as the document shows it, with this header.
async fn send(person: &Person<'_>, operation: &Operation, path: &str, header: (&str, &str)) -> Reply {
    let request = person
        .request(operation.method.clone(), &with_query(operation, path))
        .header(header.0, header.1);
    let content = operation.json["requestBody"]["content"].as_object();
    let request = match content.and_then(|content| content.iter().next()) {
        Some((kind, _)) if kind == "multipart/form-data" => {
            let picture = include_bytes!("../support/files/avatar.png");
            let kind = "multipart/form-data; boundary=x";
            let head = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
            let body = [&head[..], &picture[..], b"\r\n--x--\r\n"].concat();
            request.header("content-type", kind).body(body)
        }
        Some((_, media)) => request.json(&match operation.id() {
            "ChangeOwnPassword" => json!({ "oldPassword": PASSWORD, "password": "another battery staple" }),
            "UpdateCurrentUser" => json!({ "metadata": { "name": person.name }, "spec": { "displayName": "A" } }),
            _ => media["example"].clone(),
        }),
        None => request,
    };
    person.send(request).await
}

#[tokio::test]
async fn every_write_to_an_object_with_a_tag_is_refused_for_another_version() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let mut tried = 0;
    for (number, operation) in secured().iter().enumerate() {
        if operation.method == Method::GET || !takes(operation, "If-Match") {
            continue;
        }
        tried += 1;
        let name = format!("boss-{number}");
        make_user(&owner, &name, "owner").await;
        let person = tenant.sign_in(&name).await;
        let path = path_of(&person, operation, number * 10).await;
        let reply = send(&person, operation, &path, ("If-Match", "\"999\"")).await;
        assert_eq!(reply.status, 412, "{}: {}", operation.label(), reply.text);
        reply.expect_problem(412, "precondition_failed");
    }
    assert!(tried >= 20, "{tried} operations take If-Match");
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let mut tried = 0;
    for (number, operation) in secured().iter().enumerate() {
        if operation.method != Method::GET || !takes(operation, "If-None-Match") {
            continue;
        }
        tried += 1;
        let path = path_of(&owner, operation, number * 10).await;
        let whole = owner.get(&path).await;
        let tag = whole.header("etag").to_owned();
        assert!(!tag.is_empty(), "{}", operation.label());
        whole.expect(200);
        for list in [tag.clone(), format!("\"x\", {tag}"), "*".to_owned()] {
            let request = owner.request(Method::GET, &path).header("if-none-match", &list);
            let reply = owner.send(request).await;
            assert_eq!((reply.status.as_u16(), reply.text.as_str()), (304, ""), "{path} {list}");
            assert_eq!(reply.header("etag"), tag);
        }
        for (header, value, status) in [
            ("if-none-match", "\"x\"", 200),
            ("if-match", "\"x\"", 412),
            ("if-match", &tag, 200),
        ] {
            let request = owner.request(Method::GET, &path).header(header, value);
            assert_eq!(owner.send(request).await.status, status, "{path} {header}: {value}");
        }
    }
    assert!(tried >= 9, "{tried} operations take If-None-Match");
}

#[tokio::test]
async fn the_tag_of_a_user_changes_with_the_roles_that_are_shown() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let role = json!({ "metadata": { "name": "editor" }, "spec": { "displayName": "Editor" } });
    owner.post(&format!("{CONSOLE}/roles"), &role).await.expect(200);
    make_user(&owner, "ada", "editor").await;
    let path = format!("{CONSOLE}/users/ada");
    let before = owner.get(&path).await;
    assert!(before.header("etag").starts_with("W/"), "it shows other objects");
    assert_eq!(owner.get(&path).await.header("etag"), before.header("etag"));

    let new = json!({ "spec": { "displayName": "Author" } });
    owner.put(&format!("{CONSOLE}/roles/editor"), &new).await.expect(200);

    let after = owner.get(&path).await;
    assert_ne!(after.header("etag"), before.header("etag"));
    // The user is as they were, so a change that was meant for them is still made.
    let request = owner
        .request(Method::PATCH, &path)
        .header("if-match", before.header("etag"));
    let change = json!({ "spec": { "bio": "hi" } });
    owner.send(request.json(&change)).await.expect(200);
}

#[tokio::test]
async fn what_was_written_after_the_date_of_the_request_is_not_changed() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "ada", "support").await;
    let policy = format!("{CONSOLE}/policies/branding");
    owner
        .put(&policy, &json!({ "spec": { "color": "#112233" } }))
        .await
        .expect(200);
    let change = json!({ "spec": { "bio": "hi" } });
    let (user, color) = (
        format!("{CONSOLE}/users/ada"),
        json!({ "spec": { "color": "#445566" } }),
    );
    make_role(&owner, "editor", "", &[]).await;
    let role = format!("{CONSOLE}/roles/editor");
    let described = json!({ "spec": { "description": "Writes." } });
    for (method, path, body) in [
        (Method::PATCH, &user, &change),
        (Method::PUT, &policy, &color),
        (Method::PATCH, &role, &described),
        (Method::DELETE, &role, &Value::Null),
    ] {
        for (date, status) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 412),
            ("Fri, 01 Jan 2100 00:00:00 GMT", 200),
        ] {
            let request = owner.request(method.clone(), path).header("if-unmodified-since", date);
            let request = if body.is_null() { request } else { request.json(body) };
            let is_done = owner.send(request).await.status.as_u16();
            let expected = if method == Method::DELETE && status == 200 {
                204
            } else {
                status
            };
            assert_eq!(is_done, expected, "{method} {path} {date}");
        }
    }
}

/// Native groups are closed; the others take what their clients have always sent.
#[tokio::test]
async fn a_foreign_group_neither_minds_strange_members_nor_conditions() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    let given = json!({ "username": "admin", "password": PASSWORD, "rememberMe": true });
    let request = anybody
        .request(Method::POST, "/v1/login?source=app")
        .header("if-match", "\"999\"");
    let answer: Value = anybody.send(request.json(&given)).await.expect(200);
    assert!(answer["accessToken"].is_string());
}
