//! The fifteen recorded operations in the order they came, and the shapes Halo documents for the
//! answers.

use super::recorded::{
    CHANGE_OWN_PASSWORD, CHANGE_PASSWORD, CREATE, DELETE_AVATAR, DISABLE, ENABLE, GET, GET_CURRENT, GRANT, LIST,
    PERMISSIONS, SEND_CODE, UPDATE_CURRENT, VERIFY_EMAIL, replay, replay_with, upload,
};
use crate::support::{Mail, PASSWORD, Person, TestApp};
use serde_json::{Value, json};

#[track_caller]
fn is_user(user: &Value, name: &str) {
    assert_eq!(
        (&user["apiVersion"], &user["kind"]),
        (&json!("v1alpha1"), &json!("User"))
    );
    let (metadata, spec) = (&user["metadata"], &user["spec"]);
    assert_eq!(metadata["name"], name);
    assert!(metadata["version"].is_i64() && metadata["labels"].is_object() && metadata["annotations"].is_object());
    for time in [&metadata["creationTimestamp"], &spec["registeredAt"]] {
        chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).unwrap();
    }
    assert!(spec["displayName"].is_string() && spec["email"].is_string());
    assert!(spec["emailVerified"].is_boolean() && spec["disabled"].is_boolean());
    for secret in ["password", "passwordHash", "totpEncryptedSecret"] {
        assert_eq!(spec.get(secret), None, "nobody is sent {secret}");
    }
    assert!(!user.to_string().contains("argon2"));
}

/// Names of the roles in a list, each of which has the shape of a role.
#[track_caller]
fn roles(list: &Value) -> Vec<&str> {
    let roles = list.as_array().unwrap().iter().map(|role| {
        assert_eq!(
            (&role["apiVersion"], &role["kind"]),
            (&json!("v1alpha1"), &json!("Role"))
        );
        assert!(role["rules"].is_array());
        role["metadata"]["name"].as_str().unwrap()
    });
    roles.collect()
}

#[track_caller]
fn is_detailed(detailed: &Value, name: &str, of: &[&str]) {
    is_user(&detailed["user"], name);
    assert_eq!(roles(&detailed["roles"]), of);
}

/// Whether somebody can sign in so.
async fn signs_in(caller: &Person<'_>, name: &str, password: &str) -> bool {
    let given = json!({ "username": name, "password": password });
    let reply = caller.tenant.anybody().post("/v1/login", &given).await;
    if reply.status != 200 {
        reply.expect_problem(401, "credentials_invalid");
        return false;
    }
    true
}

#[tokio::test]
async fn the_recorded_requests_are_answered_as_documented() {
    let app = TestApp::start().await;
    let caller = app.default_tenant().owner().await;
    // Halo asks little of passwords; here a tenant has to say that it wants it so.
    let spec = json!({
        "preset": "custom", "minLength": 6, "minEstimatorScore": 0,
        "blocklist": { "common": false, "contextWords": false }
    });
    let policy = "/apis/console/v1alpha1/policies/password";
    caller.put(policy, &json!({ "spec": spec })).await.expect(200);
    for name in ["guest", "post-editor"] {
        let role = json!({ "metadata": { "name": name }, "spec": { "displayName": name }, "rules": [] });
        caller.post("/apis/console/v1alpha1/roles", &role).await.expect(200);
    }
    requests_1_to_4(&caller).await;
    requests_5_to_8(&caller).await;
    requests_9_to_12(&caller).await;
    requests_13_to_15(&caller).await;
    app.work().await;
}

async fn requests_1_to_4(caller: &Person<'_>) {
    let me = replay(caller, GET_CURRENT).await.expect(200);
    is_detailed(&me, "admin", &["owner", "user"]);

    let made = replay(caller, CREATE).await.expect(200);
    is_user(&made, "alice");
    assert_eq!(made["metadata"]["annotations"], json!({ "note": "probe" }));
    let spec = &made["spec"];
    assert_eq!(
        (&spec["displayName"], &spec["bio"], spec.get("phone")),
        (&json!("Alice"), &json!("hi"), None)
    );
    assert!(signs_in(caller, "alice", "P@ssw0rd1").await);

    let list = replay(caller, LIST).await.expect(200);
    let counted = ["page", "size", "total", "totalPages"].map(|field| list[field].as_u64().unwrap());
    assert_eq!(counted, [1, 20, 1, 1]);
    let flags = ["first", "last", "hasNext", "hasPrevious"].map(|field| list[field].as_bool().unwrap());
    assert_eq!(flags, [true, true, false, false]);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    is_detailed(&list["items"][0], "alice", &["guest", "user"]);

    let alice = replay(caller, GET).await.expect(200);
    is_detailed(&alice, "alice", &["guest", "user"]);
    assert_eq!(alice["user"], made);
}

async fn requests_5_to_8(caller: &Person<'_>) {
    // A client sends back what it has read, here of this server.
    let read = replay(caller, GET_CURRENT).await.expect(200)["user"].take();
    let (made, address) = (
        read["metadata"]["creationTimestamp"].as_str().unwrap(),
        read["spec"]["email"].as_str().unwrap(),
    );
    let verified = format!("\"emailVerified\":{}", read["spec"]["emailVerified"]);
    let words = [
        ("2026-01-01T00:00:00Z", made),
        ("admin@example.test", address),
        ("\"emailVerified\":false", &verified),
    ];
    // What only a proof changes cannot be sent otherwise.
    replay(caller, UPDATE_CURRENT).await.expect_problem(400, "invalid");
    let me = replay_with(caller, UPDATE_CURRENT, &words).await.expect(200);
    is_user(&me, "admin");
    let spec = &me["spec"];
    assert_eq!(
        (&spec["displayName"], &spec["bio"], &spec["email"]),
        (&json!("Admin (probe)"), &json!("probed"), &json!("admin@localhost")),
        "the address changes by proof alone"
    );
    // Sent again it is of a version that is no more; Halo's clients read and try again.
    replay_with(caller, UPDATE_CURRENT, &words)
        .await
        .expect_problem(409, "version_conflict");

    let permissions = replay(caller, PERMISSIONS).await.expect(200);
    assert_eq!(roles(&permissions["roles"]), ["owner", "user"]);
    let with_inherited = roles(&permissions["permissions"]);
    assert!(with_inherited.contains(&"owner") && with_inherited.contains(&"user"));
    let of_ui = permissions["uiPermissions"].as_array().unwrap();
    assert!(of_ui.iter().all(Value::is_string) && of_ui.contains(&json!("users:list")));

    is_user(&replay(caller, GRANT).await.expect(200), "alice");
    let alice = replay(caller, GET).await.expect(200);
    is_detailed(&alice, "alice", &["guest", "post-editor", "user"]);

    is_user(&replay(caller, CHANGE_PASSWORD).await.expect(200), "alice");
    assert!(!signs_in(caller, "alice", "P@ssw0rd1").await);
    assert!(signs_in(caller, "alice", "N3wPass!").await);
}

async fn requests_9_to_12(caller: &Person<'_>) {
    let mut png = std::io::Cursor::new(vec![]);
    let picture = image::RgbImage::from_pixel(1, 1, image::Rgb([200, 40, 40]));
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let me = upload(caller, png.get_ref()).await.expect(200);
    is_user(&me, "admin");
    let address = me["spec"]["avatar"].as_str().unwrap();
    let path = address.strip_prefix(&caller.tenant.base).unwrap();
    let seen = caller.tenant.anybody().get(path).await;
    assert_eq!((seen.status.as_u16(), seen.header("content-type")), (200, "image/png"));

    let me = replay(caller, DELETE_AVATAR).await.expect(200);
    is_user(&me, "admin");
    assert_eq!(me["spec"].get("avatar"), None);

    replay(caller, VERIFY_EMAIL).await.expect_problem(400, "password_wrong");
    let recorded = json!({ "oldPassword": PASSWORD, "password": "secret1" });
    caller
        .put("/apis/console/v1alpha1/users/-/password", &recorded)
        .await
        .expect(200);
    let sent = replay(caller, SEND_CODE).await;
    assert_eq!(sent.expect(200), json!({}));
    let code = newest_code(caller).await;
    // No code is the recorded one.
    let verified = replay_with(caller, VERIFY_EMAIL, &[("123456", &code)]).await;
    assert_eq!(verified.expect(200), json!({}));
    let me = replay(caller, GET_CURRENT).await.expect(200);
    let spec = &me["user"]["spec"];
    assert_eq!(
        (&spec["email"], &spec["emailVerified"]),
        (&json!("New.Mail@example.test"), &json!(true))
    );
}

/// The code of the newest message, read by the caller, whose password is the recorded one by now.
async fn newest_code(caller: &Person<'_>) -> String {
    caller.tenant.app.work().await;
    let messages = "/apis/console/v1alpha1/messages";
    let list = caller.get(messages).await.expect(200);
    let name = list["items"][0]["metadata"]["name"].as_str().unwrap();
    Mail(caller.get(&format!("{messages}/{name}")).await.expect(200)).code()
}

async fn requests_13_to_15(caller: &Person<'_>) {
    let disabled = replay(caller, DISABLE).await.expect(200);
    is_user(&disabled, "alice");
    assert_eq!(disabled["spec"]["disabled"], true);
    assert!(!signs_in(caller, "alice", "N3wPass!").await);

    let enabled = replay(caller, ENABLE).await.expect(200);
    is_user(&enabled, "alice");
    assert_eq!(enabled["spec"]["disabled"], false);
    assert!(signs_in(caller, "alice", "N3wPass!").await);

    is_user(&replay(caller, CHANGE_OWN_PASSWORD).await.expect(200), "admin");
    assert!(!signs_in(caller, "admin", "secret1").await);
    assert!(signs_in(caller, "admin", "secret2").await);
}
