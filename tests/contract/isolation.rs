//! What belongs to one tenant is not there for another.

use super::{
    makers::{
        CONSOLE, call, made, make, make_attachment, make_backup, make_group, make_undeliverable, make_user_batch,
        make_user_import, write_template,
    },
    restores, secured,
};
use crate::support::{Person, Reply, TestApp, smtp::sender};
use reqwest::Method;
use serde_json::{Value, json};

/// The name of an object that nobody has: as this one, but for its last character.
fn absent(made: &str) -> String {
    let (rest, last) = made.split_at(made.len() - 1);
    format!("{rest}{}", if last == "z" || last == "0" { "1" } else { "0" })
}

/// An answer without what differs from request to request.
fn essence(reply: &Reply) -> (u16, Value) {
    let mut body = reply.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("requestId");
    }
    // In auth/v1 a detail of ZITADEL's comes first.
    for place in ["/details/0/metadata", "/details/1/metadata"] {
        if let Some(info) = body.pointer_mut(place) {
            *info = Value::Null;
        }
    }
    (reply.status.as_u16(), body)
}

#[tokio::test]
async fn an_object_of_one_tenant_does_not_exist_in_another() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let operator = app.default_tenant().owner().await;
    let of_a = app.tenant("a").await.owner().await;
    let of_b = app.tenant("b").await.owner().await;
    let mut tried = 0;
    // Every tenant has the same of these.
    let everywhere = ["/notifiers/{", "/message-templates/{", "/systemconfigs/", "/configs/{"];
    for operation in secured()
        .into_iter()
        .filter(|operation| !everywhere.iter().any(|path| operation.path.contains(path)))
    {
        // The tenants of the instance are there in one of them alone.
        let (owner, stranger) = match operation.document {
            "system.v1alpha1" => (&operator, &of_b),
            _ => (&of_a, &of_b),
        };
        let (mut path, mut nowhere) = (operation.path.clone(), operation.path.clone());
        let own_object = operation.object() == "-";
        for parameter in operation.path_parameters().filter(|_| !own_object) {
            tried += 1;
            let made = make(owner, &operation, parameter, tried).await;
            let name = format!("{{{}}}", parameter["name"].as_str().unwrap());
            path = path.replace(&name, &made);
            nowhere = nowhere.replace(&name, &absent(&made));
        }
        if path == operation.path {
            continue;
        }
        let label = operation.label();
        let foreign = call(stranger, &operation, &path).await;
        assert_eq!(foreign.status, 404, "{label} for a stranger: {}", foreign.text);
        // Answers that differ would tell the stranger that it is there.
        let missing = call(stranger, &operation, &nowhere).await;
        assert_eq!(essence(&foreign), essence(&missing), "{label}");
        let own = call(owner, &operation, &path).await;
        assert!(
            own.status.is_success(),
            "{label} for its owner: {} {}",
            own.status,
            own.text
        );
    }
    assert!(tried > 0, "some operation has an object in its path");
    app.work().await;
}

/// A role, an application, an API and a provider that are marked.
async fn make_marked(owner: &Person<'_>) {
    let role = json!({ "metadata": { "name": "only-a" }, "spec": { "displayName": "Of ada@example.com" } });
    made(owner, "roles", role).await;
    let rules = json!({ "rules": [{ "resources": ["users"], "verbs": ["list"] }] });
    let patch = owner.request(Method::PATCH, &format!("{CONSOLE}/roles/only-a"));
    owner.send(patch.json(&rules)).await.expect(200);
    let application = json!({ "preset": "native", "metadata": { "name": "only-a" } });
    made(owner, "applications", application).await;
    let api = json!({ "spec": { "audience": "https://only-a.example", "displayName": "Made" } });
    made(owner, "resource-servers", api).await;
    let provider = json!({ "metadata": { "name": "only-a" }, "spec": { "kind": "oidc", "displayName": "Made" } });
    made(owner, "auth-provider-configs", provider).await;
    made(owner, "domains", json!({ "metadata": { "name": "only-a.example" } })).await;
}

#[tokio::test]
async fn lists_of_one_tenant_have_nothing_of_another() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    a.sign_up("ada").await;
    app.work().await;
    let (owner, stranger) = (a.owner().await, b.owner().await);
    let invited = json!({ "spec": { "email": "only-a@example.com" } });
    made(&owner, "invitations", invited).await;
    app.work().await;
    made(&owner, "senders", sender("only-a-sender")).await;
    make_marked(&owner).await;
    write_template(&owner, "only-a").await;
    let keys = owner.get(&format!("{CONSOLE}/signing-keys")).await.expect(200);
    let kid = keys["items"][0]["metadata"]["name"].as_str().unwrap();
    make_undeliverable(&owner, "only-a-relay").await;
    make_attachment(&owner, "only-a.png").await;
    make_group(&owner, "only-a").await;
    make_user_import(&owner, "only-a").await;
    let batch = make_user_batch(&owner, "only-a").await;
    restores::make_refused_restoration(&owner, "only-a").await;
    let backup = make_backup(&owner).await;
    let file = backup["status"]["filename"].as_str().unwrap();
    let marks = ["ada@example.com", "only-a", kid, file, batch.as_str().unwrap()];
    let marked = |list: &Value| marks.iter().any(|mark| list.to_string().contains(mark));

    let mut lists = 0;
    let listing = secured()
        .into_iter()
        .filter(|operation| operation.id().starts_with("List"));
    for operation in listing.filter(|operation| operation.path_parameters().next().is_none()) {
        // What is one's own has nothing of others within the tenant, either; and the tenants of the instance are in no
        // list of theirs.
        if operation.object() == "-" || operation.document == "system.v1alpha1" {
            continue;
        }
        lists += 1;
        let own = owner.get(&operation.path).await.expect(200);
        assert!(marked(&own), "{}: {own}", operation.label());
        let foreign = stranger.get(&operation.path).await.expect(200);
        assert!(!marked(&foreign), "{}: {foreign}", operation.label());
        let mut parameters = operation.json["parameters"].as_array().into_iter().flatten();
        if parameters.any(|parameter| parameter["name"] == "keyword") {
            let path = format!("{}?keyword=ada", operation.path);
            let searched = stranger.get(&path).await.expect(200);
            assert!(!marked(&searched), "{}: {searched}", operation.label());
        }
    }
    assert!(lists > 0, "some operation lists");
}

#[tokio::test]
async fn a_name_in_two_tenants_is_two_objects() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let path = format!("{CONSOLE}/users/admin");
    let (of_a, of_b) = (a.owner().await, b.owner().await);

    // Turn by turn, so that an answer kept for one tenant would be given to the other.
    for _ in 0..20 {
        let ids = [&of_a, &of_b].map(|owner| owner.tokens["user"]["userId"].clone());
        assert_eq!(of_a.get(&path).await.expect(200)["user"]["status"]["id"], ids[0]);
        assert_eq!(of_b.get(&path).await.expect(200)["user"]["status"]["id"], ids[1]);
    }
    let keyed = of_a
        .request(Method::GET, &path)
        .header("x-forwarded-host", "b.127.0.0.1")
        .header("x-tenant-id", "b");
    let answer = of_a.send(keyed).await.expect(200);
    assert_eq!(
        answer["user"]["status"]["id"], of_a.tokens["user"]["userId"],
        "headers name no tenant"
    );
}
