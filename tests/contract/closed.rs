//! Native groups are closed: what they do not know is refused, and what changes nothing is no write.

use crate::support::{
    Person, Reply, TestApp,
    roles::{CONSOLE, USERS, make_user, patch},
};
use reqwest::Method;
use serde_json::{Value, json};

/// The fields that an answer refuses, with what it says of them.
#[track_caller]
fn refused(reply: Reply) -> Vec<(String, String, String)> {
    let problem = reply.expect_problem(400, "invalid");
    let errors = problem["errors"].as_array().unwrap().iter();
    let text = |error: &Value, key: &str| error[key].as_str().unwrap().to_owned();
    errors
        .map(|error| (text(error, "field"), text(error, "code"), text(error, "detail")))
        .collect()
}

async fn events(owner: &Person<'_>) -> i64 {
    let list = owner.get(&format!("{CONSOLE}/audit-events?size=1")).await.expect(200);
    list["items"][0]["sequence"].as_i64().unwrap()
}

#[tokio::test]
async fn a_member_that_a_body_does_not_have_is_refused_with_the_one_that_was_meant() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "pat", "support").await;
    let role = json!({ "metadata": { "name": "editor" }, "spec": { "displayName": "Editor" } });
    owner.post(&format!("{CONSOLE}/roles"), &role).await.expect(200);
    let before = events(&owner).await;
    let rule = json!({ "resources": ["users"], "verb": ["get"], "verbs": ["get"] });
    let (pat, sign_up) = (format!("{USERS}/pat"), format!("{CONSOLE}/policies/sign-up"));
    let (roles, editor) = (format!("{CONSOLE}/roles"), format!("{CONSOLE}/roles/editor"));
    let set_password = format!("{pat}/password");
    let new_role = json!({ "metadata": { "name": "made" }, "spec": { "displayName": "Made" }, "rulez": [] });
    for (method, path, body, field, meant) in [
        (
            Method::PATCH,
            &pat,
            json!({ "spec": { "displayname": "Pat" } }),
            "spec.displayname",
            "displayName",
        ),
        (
            Method::PATCH,
            &pat,
            json!({ "metadata": { "label": {} } }),
            "metadata.label",
            "labels",
        ),
        (
            Method::PUT,
            &sign_up,
            json!({ "spec": { "mode": "open", "allowedDomain": ["corp.example"] } }),
            "spec.allowedDomain",
            "allowedDomains",
        ),
        (Method::POST, &roles, new_role, "rulez", "rules"),
        (
            Method::PUT,
            &editor,
            json!({ "spec": { "displayName": "E" }, "rules": [rule] }),
            "rules[0].verb",
            "verbs",
        ),
        (
            Method::PUT,
            &set_password,
            json!({ "pasword": "x", "password": "nine loud herons" }),
            "pasword",
            "password",
        ),
    ] {
        let request = owner.request(method, path).json(&body);
        let wrong = refused(owner.send(request).await);
        let said = format!("is not known here; did you mean \"{meant}\"?");
        assert_eq!(wrong, [(field.to_owned(), "unknown".to_owned(), said)], "{path}");
    }
    let wrong = refused(patch(&owner, &pat, &json!({ "nonsense": 1 })).await);
    assert_eq!(wrong[0].2, "is not known here; known are metadata, spec");
    assert_eq!(events(&owner).await, before, "nothing was written");
}

#[tokio::test]
async fn a_member_that_can_only_be_read_is_taken_as_it_is_and_not_otherwise() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "pat", "support").await;
    let pat = format!("{USERS}/pat");
    let wrong = refused(patch(&owner, &pat, &json!({ "spec": { "disabled": true } })).await);
    assert_eq!(
        (wrong[0].0.as_str(), wrong[0].1.as_str()),
        ("spec.disabled", "read_only")
    );

    // Halo's clients send back what they have read.
    let mut read = owner.get(&pat).await.expect(200)["user"].take();
    read["spec"]["bio"] = json!("hi");
    assert_eq!(patch(&owner, &pat, &read).await.expect(200)["spec"]["bio"], "hi");

    let mut me = owner.get(&format!("{USERS}/-")).await.expect(200)["user"].take();
    me["spec"]["bio"] = json!("hi");
    let moment = me["metadata"]["creationTimestamp"]
        .as_str()
        .unwrap()
        .replace('Z', "+00:00");
    me["metadata"]["creationTimestamp"] = json!(moment);
    owner.put(&format!("{USERS}/-"), &me).await.expect(200);
    let mut me = owner.get(&format!("{USERS}/-")).await.expect(200)["user"].take();
    me["spec"]["email"] = json!("other@example.com");
    let wrong = refused(owner.put(&format!("{USERS}/-"), &me).await);
    assert_eq!((wrong[0].0.as_str(), wrong[0].1.as_str()), ("spec.email", "read_only"));

    for name in [
        "password",
        "captcha",
        "branding",
        "limits",
        "sessions",
        "sign-up",
        "authentication",
    ] {
        let path = format!("{CONSOLE}/policies/{name}");
        let mut policy = owner.get(&path).await.expect(200);
        owner.put(&path, &policy).await.expect(200);
        policy["metadata"]["name"] = json!("another");
        let wrong = refused(owner.put(&path, &policy).await);
        assert_eq!(wrong[0].0, "metadata.name", "{name}");
    }
}

#[tokio::test]
async fn a_write_that_changes_nothing_makes_no_version_and_no_event() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "pat", "support").await;
    let role = json!({ "metadata": { "name": "editor" }, "spec": { "displayName": "Editor" } });
    let role = owner.post(&format!("{CONSOLE}/roles"), &role).await.expect(200);
    let policy = format!("{CONSOLE}/policies/branding");
    let set = owner
        .put(&policy, &json!({ "spec": { "color": "#112233" } }))
        .await
        .expect(200);
    let pat = format!("{USERS}/pat");
    let read = owner.get(&pat).await.expect(200)["user"].take();
    let (before, version) = (events(&owner).await, read["metadata"]["version"].clone());

    for (method, path, body) in [
        (Method::PATCH, pat.clone(), json!({})),
        (Method::PATCH, pat.clone(), read.clone()),
        (
            Method::PATCH,
            pat.clone(),
            json!({ "spec": { "displayName": "pat" }, "metadata": { "labels": {} } }),
        ),
        (Method::POST, format!("{pat}/enable"), json!({})),
        (Method::DELETE, format!("{pat}/avatar"), json!({})),
        (
            Method::POST,
            format!("{pat}/permissions"),
            json!({ "roles": ["support"] }),
        ),
        (Method::PUT, format!("{CONSOLE}/roles/editor"), role.clone()),
        (Method::PATCH, format!("{CONSOLE}/roles/editor"), json!({})),
        (Method::PUT, policy.clone(), set.clone()),
    ] {
        let request = owner.request(method, &path).json(&body);
        let answer = owner.send(request).await.expect(200);
        let expected = match path.as_str() {
            path if path == policy => &set["metadata"]["version"],
            path if path.contains("/roles/") => &role["metadata"]["version"],
            _ => &version,
        };
        assert_eq!(answer["metadata"]["version"], *expected, "{path} {body}");
        assert_eq!(events(&owner).await, before, "{path} {body}");
    }
}

#[tokio::test]
async fn a_query_that_a_list_does_not_have_is_refused_with_the_one_that_was_meant() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for (path, field, said) in [
        ("users?keywrd=ada", "keywrd", "did you mean \"keyword\"?"),
        (
            "users?email=ada@example.com",
            "email",
            "known are page, size, cursor, labelSelector,",
        ),
        ("users?PAGE=1", "PAGE", "did you mean \"page\"?"),
        (
            "messages?keyword=ada",
            "keyword",
            "known are page, size, cursor, fieldSelector, sort",
        ),
        ("invitations?labelSelector=a", "labelSelector", "is not known here"),
        (
            "audit-events?user=ada",
            "user",
            "known are page, size, cursor, fieldSelector, sort, actor,",
        ),
        (
            "permissions/-/who-can?resource=users&verb=get&role=x",
            "role",
            "is not known here",
        ),
    ] {
        let wrong = refused(owner.get(&format!("{CONSOLE}/{path}")).await);
        assert_eq!((wrong[0].0.as_str(), wrong[0].1.as_str()), (field, "unknown"), "{path}");
        assert!(wrong[0].2.contains(said), "{path}: {}", wrong[0].2);
    }
    // Who may not list is told no more than that.
    let anybody = tenant.anybody().get(&format!("{CONSOLE}/users?keywrd=ada")).await;
    anybody.expect_problem(401, "unauthenticated");
    // Foreign groups let pass what their clients send.
    owner.get("/v1/admin/users?keywrd=ada&_=1").await.expect(200);
    // Halo's own addresses are the same operations.
    let halo = "/apis/console.api.security.halo.run/v1alpha1/users";
    owner
        .get(&format!("{halo}?keyword=ada&page=1&size=20&sort=metadata.name"))
        .await
        .expect(200);
    refused(owner.get(&format!("{halo}?keywrd=ada")).await);
}
