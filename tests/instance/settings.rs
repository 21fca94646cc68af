//! What the instance decides for all tenants.

use crate::support::{
    PASSWORD, Person, Reply, Tenant, TestApp, database,
    limits::sign_in,
    roles::{CONSOLE, allow, events_of, make_person, make_role, patch, wrong_fields},
};
use serde_json::{Value, json};

const SETTINGS: &str = "/apis/system/v1alpha1/settings";
const BRANDING: &str = "/apis/console/v1alpha1/policies/branding";
const BASIC: &str = "/apis/console/v1alpha1/systemconfigs/basic";

fn setting(name: &str) -> String {
    format!("{SETTINGS}/{name}")
}

async fn decide(operator: &Person<'_>, name: &str, body: Value) -> Value {
    patch(operator, &setting(name), &body).await.expect(200)
}

async fn shown(by: &Person<'_>, policy: &str) -> Value {
    by.get(&format!("{CONSOLE}/policies/{policy}")).await.expect(200)
}

/// The members that a refusal names.
fn locked(reply: Reply) -> Vec<String> {
    let body = reply.expect_problem(403, "setting_locked");
    let fields = body["errors"].as_array().unwrap().iter();
    fields
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_the_instance_decides_holds_at_the_next_request_of_every_tenant() {
    let app = TestApp::start().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let operator = app.default_tenant().owner().await;
    let owner = acme.owner().await;
    assert_eq!(shown(&owner, "branding").await["spec"]["color"], "#1864ab");
    let tag = owner.get(BRANDING).await.header("etag").to_owned();

    let made = decide(
        &operator,
        "branding",
        json!({ "spec": { "color": "#112233", "subtitle": "All of it" } }),
    )
    .await;
    assert_eq!(
        (&made["metadata"]["version"], &made["spec"]["color"]),
        (&json!(1), &json!("#112233"))
    );
    let now = shown(&owner, "branding").await;
    assert_eq!(
        (&now["spec"]["color"], &now["spec"]["subtitle"]),
        (&json!("#112233"), &json!("All of it"))
    );
    assert_eq!(now["metadata"]["version"], 0, "the tenant wrote nothing");
    let status = &now["status"];
    assert_eq!(
        (&status["isDefault"], &status["inherited"]["color"]),
        (&json!(true), &json!("instance"))
    );
    assert_eq!(status["inherited"]["helpUrl"], "default");
    assert_ne!(
        owner.get(BRANDING).await.header("etag"),
        tag,
        "what it inherits changed"
    );
    let elsewhere = other.owner().await;
    assert_eq!(shown(&elsewhere, "branding").await["spec"]["color"], "#112233");
}

#[tokio::test]
async fn what_a_tenant_decides_itself_goes_before_what_the_instance_does() {
    let app = TestApp::start().await;
    let operator = app.default_tenant().owner().await;
    let owner = app.tenant("acme").await.owner().await;
    let elsewhere = app.tenant("other").await.owner().await;
    decide(
        &operator,
        "branding",
        json!({ "spec": { "color": "#112233", "subtitle": "All of it" } }),
    )
    .await;
    // On the wire of Halo nothing is new but the value.
    assert_eq!(owner.get(BASIC).await.expect(200)["subtitle"], "All of it");
    let group = owner.get(&format!("{BASIC}/status")).await.expect(200);
    let member = group["members"]
        .as_array()
        .unwrap()
        .iter()
        .find(|member| member["name"] == "subtitle");
    let member = member.unwrap();
    assert_eq!(
        (&member["source"], &member["decided"], &member["locked"]),
        (&json!("instance"), &json!(false), &json!(false))
    );

    owner
        .put(
            BRANDING,
            &json!({ "spec": { "color": "#445566", "subtitle": "All of it" } }),
        )
        .await
        .expect(200);
    decide(
        &operator,
        "branding",
        json!({ "spec": { "color": "#778899", "subtitle": "Some of it" } }),
    )
    .await;
    let now = shown(&owner, "branding").await["spec"].take();
    assert_eq!(
        (&now["color"], &now["subtitle"]),
        (&json!("#445566"), &json!("Some of it"))
    );

    operator.delete(&setting("branding")).await.expect(204);
    let now = shown(&owner, "branding").await;
    assert_eq!(
        (&now["spec"]["color"], now["spec"].get("subtitle")),
        (&json!("#445566"), None)
    );
    assert_eq!(shown(&elsewhere, "branding").await["spec"]["color"], "#1864ab");
}

#[tokio::test]
async fn a_rule_of_the_instance_is_held_and_not_only_shown() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let acme = app.tenant("acme").await;
    let operator = app.default_tenant().owner().await;
    let new = |name: &str| json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
    let sign_up = async |name: &str| acme.anybody().post("/v1/register", &new(name)).await;
    assert!(sign_up("ada").await.status.is_success());
    decide(&operator, "sign-up", json!({ "spec": { "mode": "closed" } })).await;
    sign_up("bob").await.expect_problem(403, "sign_up_closed");
    decide(&operator, "sign-up", json!({ "spec": { "mode": null } })).await;
    assert!(sign_up("bob").await.status.is_success());
    decide(
        &operator,
        "password",
        json!({ "spec": { "preset": "custom", "minLength": 64 }, "locked": ["preset", "minLength"] }),
    )
    .await;
    assert_eq!(sign_up("eve").await.status, 400);
    let owner = acme.owner().await;
    let password = format!("{CONSOLE}/policies/password");
    let easier = json!({ "spec": { "preset": "nist-mfa" } });
    let refused = locked(owner.put(&password, &easier).await);
    assert!(refused.contains(&"spec.preset".to_owned()), "{refused:?}");
    // Its own words are a tenant's as before.
    let mut read = shown(&owner, "password").await;
    read["spec"]["blocklist"]["words"] = json!(["otters"]);
    owner.put(&password, &read).await.expect(200);
    let now = shown(&owner, "password").await;
    assert_eq!(
        (&now["spec"]["minLength"], &now["spec"]["blocklist"]["words"]),
        (&json!(64), &json!(["otters"]))
    );
    assert_eq!(now["status"]["locked"].as_array().unwrap().len(), 7, "{now}");
}

#[tokio::test]
async fn a_locked_member_is_named_and_what_the_tenant_decided_before_waits() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let operator = app.default_tenant().owner().await;
    let owner = acme.owner().await;
    owner
        .put(
            BRANDING,
            &json!({ "spec": { "color": "#445566", "helpUrl": "https://help.example/" } }),
        )
        .await
        .expect(200);
    decide(
        &operator,
        "branding",
        json!({ "spec": { "color": "#112233" }, "locked": ["color", "subtitle"] }),
    )
    .await;
    let now = shown(&owner, "branding").await;
    assert_eq!(now["spec"]["color"], "#112233");
    assert_eq!(
        (&now["status"]["locked"], &now["pinned"]),
        (&json!(["subtitle", "color"]), &json!(["color"]))
    );

    let other = json!({ "spec": { "color": "#445566", "subtitle": "Ours" } });
    assert_eq!(
        locked(owner.put(BRANDING, &other).await),
        ["spec.subtitle", "spec.color"]
    );
    let configs = format!("{BRANDING}/configs/default");
    assert_eq!(locked(owner.put(&configs, &other["spec"]).await), ["subtitle", "color"]);
    assert_eq!(
        locked(patch(&owner, BASIC, &json!({ "subtitle": "Ours" })).await),
        ["subtitle"]
    );
    assert_eq!(
        locked(owner.put(BASIC, &json!({ "subtitle": "Ours" })).await),
        ["subtitle"]
    );
    // As it is shown it may be sent back, and the rest of it changed; what is kept waits.
    let mut read = now.clone();
    read["spec"]["homeUrl"] = "https://home.example/".into();
    owner.put(BRANDING, &read).await.expect(200);
    patch(&owner, BASIC, &json!({ "subtitle": null, "title": "Acme" }))
        .await
        .expect(200);
    decide(&operator, "branding", json!({ "locked": [] })).await;
    let now = shown(&owner, "branding").await["spec"].take();
    assert_eq!(
        (&now["color"], &now["homeUrl"], &now["displayName"], &now["helpUrl"]),
        (
            &json!("#445566"),
            &json!("https://home.example/"),
            &json!("Acme"),
            &json!("https://help.example/")
        )
    );
}

#[tokio::test]
async fn what_goes_back_to_be_inherited_does_so_for_good_locked_or_not() {
    let app = TestApp::start().await;
    let operator = app.default_tenant().owner().await;
    let owner = app.tenant("acme").await.owner().await;
    owner
        .put(BRANDING, &json!({ "spec": { "color": "#445566" } }))
        .await
        .expect(200);
    decide(
        &operator,
        "branding",
        json!({ "spec": { "color": "#112233" }, "locked": ["color"] }),
    )
    .await;
    owner
        .put(BRANDING, &json!({ "spec": { "color": "#112233" } }))
        .await
        .expect(200);
    decide(
        &operator,
        "branding",
        json!({ "locked": [], "spec": { "color": null } }),
    )
    .await;
    assert_eq!(shown(&owner, "branding").await["spec"]["color"], "#1864ab");
}

#[tokio::test]
async fn a_pinned_member_stays_whatever_the_instance_decides() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let operator = app.default_tenant().owner().await;
    let owner = acme.owner().await;
    let limits = format!("{CONSOLE}/policies/limits");
    let spec = shown(&owner, "limits").await["spec"].take();
    let pinned = json!({ "spec": spec, "pinned": ["signInPair.free", "codePause"] });
    let now = owner.put(&limits, &pinned).await.expect(200);
    let names = json!(["signInPair.free", "codePause.most", "codePause.seconds"]);
    assert_eq!(now["pinned"], names);
    decide(
        &operator,
        "limits",
        json!({ "spec": { "signInPair": { "free": 9, "most": 60 }, "codePause": { "seconds": 90 } } }),
    )
    .await;
    let now = shown(&owner, "limits").await;
    let pair = &now["spec"]["signInPair"];
    assert_eq!(
        (&pair["free"], &pair["most"], &now["spec"]["codePause"]["seconds"]),
        (&json!(5), &json!(60), &json!(60))
    );
    assert_eq!(now["pinned"], json!(["codePause.most"]), "the others differ by now");
    // Nothing is pinned by who does not say so.
    let unpinned = json!({ "spec": now["spec"] });
    owner.put(&limits, &unpinned).await.expect(200);
    assert_eq!(shown(&owner, "limits").await["pinned"], json!([]));
    let wrong = json!({ "spec": now["spec"], "pinned": ["sheep", "signInPair.sheep"] });
    assert_eq!(
        wrong_fields(owner.put(&limits, &wrong).await),
        ["pinned[0]", "pinned[1]"]
    );
}

#[tokio::test]
async fn a_row_that_is_not_valid_any_more_leaves_sign_in_working_and_is_named() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let operator = tenant.owner().await;
    decide(
        &operator,
        "sessions",
        json!({ "spec": { "idleSeconds": 600, "mostPerUser": 5 } }),
    )
    .await;
    for (value, locked) in [
        (r#"{"idleSeconds":"soon","mostPerUser":5,"later":1}"#, r#"["later",7]"#),
        ("[3]", r#"{"a":1}"#),
        ("null", "null"),
    ] {
        app.execute_in_system(&format!(
            "update instance_setting set value = '{value}', locked = '{locked}' where name = 'sessions'"
        ))
        .await;
        // As long as a server may keep what somebody else writes to a file.
        app.advance(2);
        sign_in(&tenant, "admin", PASSWORD).await.expect(200);
    }
    app.execute_in_system(
        "update instance_setting set value = '{\"idleSeconds\":\"soon\",\"mostPerUser\":5}', locked = '[]' where name = 'sessions'",
    )
    .await;
    app.advance(2);
    let now = operator.get(&setting("sessions")).await.expect(200);
    assert_eq!(
        (&now["status"]["problems"], &now["spec"]["mostPerUser"]),
        (&json!(["idleSeconds"]), &json!(5))
    );
    let now = shown(&operator, "sessions").await;
    assert_eq!(
        (&now["spec"]["mostPerUser"], &now["spec"]["idleSeconds"]),
        (&json!(5), &json!(1_209_600))
    );
    // Whoever writes it mends it.
    decide(&operator, "sessions", json!({ "spec": { "idleSeconds": 900 } })).await;
    let now = operator.get(&setting("sessions")).await.expect(200);
    assert_eq!(
        (&now["status"]["problems"], &now["spec"]["idleSeconds"]),
        (&json!([]), &json!(900))
    );
    assert_eq!(shown(&operator, "sessions").await["spec"]["idleSeconds"], 900);
}

#[tokio::test]
async fn what_a_tenant_decided_and_the_instance_makes_impossible_is_as_inherited_and_named() {
    let app = TestApp::start().await;
    let operator = app.default_tenant().owner().await;
    let owner = app.tenant("acme").await.owner().await;
    let path = format!("{CONSOLE}/policies/sessions");
    let mut spec = shown(&owner, "sessions").await["spec"].take();
    spec["idleSeconds"] = 86_400.into();
    owner.put(&path, &json!({ "spec": spec })).await.expect(200);
    decide(
        &operator,
        "sessions",
        json!({ "spec": { "idleSeconds": 600, "absoluteSeconds": 3600 }, "locked": ["absoluteSeconds"] }),
    )
    .await;
    let now = shown(&owner, "sessions").await;
    assert_eq!(
        (&now["spec"]["idleSeconds"], &now["status"]["problems"]),
        (&json!(600), &json!(["idleSeconds"]))
    );
}

#[tokio::test]
async fn a_setting_of_the_instance_is_changed_as_it_was_read_and_the_trail_says_so() {
    let app = TestApp::start().await;
    let operator = app.default_tenant().owner().await;
    let path = setting("branding");
    let mut read = operator.get(&path).await.expect(200);
    assert_eq!(
        (&read["metadata"]["version"], &read["status"]["isDefault"]),
        (&json!(0), &json!(true))
    );
    assert_eq!(read["status"]["schema"]["type"], "object");
    read["spec"]["color"] = "#112233".into();
    let reply = operator.put(&path, &read).await;
    let event = events_of(&operator, &reply).await.remove(0);
    let written = reply.expect(200);
    assert_eq!(
        (&event["action"], &event["object"]),
        (&json!("settings:update"), &json!("branding"))
    );
    let change = &event["changes"][0];
    assert_eq!(
        (&change["kind"], &change["before"], &change["after"]),
        (
            &json!("instance-setting"),
            &json!({ "color": "#1864ab" }),
            &json!({ "color": "#112233" })
        )
    );
    assert_eq!(written["status"]["updatedBy"], "admin");
    operator.put(&path, &read).await.expect_problem(409, "version_conflict");
    // What stays as it is is not written.
    let same = decide(&operator, "branding", json!({ "spec": { "color": "#112233" } })).await;
    assert_eq!(same["metadata"]["version"], 1);
    let listed = operator.get(SETTINGS).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 11);
    let unlike = operator
        .request(reqwest::Method::DELETE, &path)
        .header("if-match", "\"7\"");
    operator.send(unlike).await.expect_problem(412, "precondition_failed");
}

#[tokio::test]
async fn a_setting_of_the_instance_that_is_wrong_is_refused_by_its_members() {
    let app = TestApp::start().await;
    let operator = app.default_tenant().owner().await;
    let path = setting("branding");
    decide(&operator, "branding", json!({ "spec": { "color": "#112233" } })).await;
    for (wrong, field) in [
        (json!({ "spec": { "color": "red" } }), "spec.color"),
        (json!({ "spec": { "sheep": 1 } }), "spec.sheep"),
        (json!({ "spec": {}, "locked": ["color", "sheep"] }), "locked[1]"),
        (json!({ "spec": {}, "locked": "color" }), "locked"),
        (
            json!({ "spec": {}, "status": { "isDefault": true } }),
            "status.isDefault",
        ),
        (json!({ "specs": {} }), "specs"),
    ] {
        let fields = wrong_fields(operator.put(&path, &wrong).await);
        assert!(fields.contains(&field.to_owned()), "{wrong} {fields:?}");
    }
    let role = json!({ "spec": { "defaultRole": "support" } });
    assert_eq!(
        wrong_fields(patch(&operator, &setting("sign-up"), &role).await),
        ["spec.defaultRole"]
    );
    let rule = json!({ "spec": { "idleSeconds": 7200, "absoluteSeconds": 3600 } });
    assert_eq!(
        wrong_fields(patch(&operator, &setting("sessions"), &rule).await),
        ["spec.idleSeconds"]
    );
    for name in ["captcha", "backups", "signing-keys", "basic", "nothing"] {
        operator
            .get(&setting(name))
            .await
            .expect_problem(404, "policy_not_found");
    }
}

#[tokio::test]
async fn only_operators_decide_for_all_tenants_and_elsewhere_nothing_is_there() {
    let app = TestApp::start().await;
    let default = app.default_tenant();
    let admin = default.owner().await;
    let owner = app.tenant("acme").await.owner().await;
    for path in [SETTINGS.to_owned(), setting("branding"), setting("nothing")] {
        owner.get(&path).await.expect_problem(404, "not_found");
    }
    let change = json!({ "spec": { "color": "#112233" } });
    owner
        .put(&setting("branding"), &change)
        .await
        .expect_problem(404, "not_found");
    owner
        .delete(&setting("branding"))
        .await
        .expect_problem(404, "not_found");
    let user = make_person(&admin, "ada", "support").await;
    user.get(SETTINGS).await.expect_problem(403, "forbidden");
    user.put(&setting("branding"), &change)
        .await
        .expect_problem(403, "forbidden");
    make_role(
        &admin,
        "reader",
        "",
        &[allow("settings", "list"), allow("settings", "get")],
    )
    .await;
    let reader = make_person(&admin, "bob", "reader").await;
    reader.get(&setting("branding")).await.expect(200);
    reader
        .put(&setting("branding"), &change)
        .await
        .expect_problem(403, "forbidden");
    let operator = make_person(&admin, "eve", "operator").await;
    operator.put(&setting("branding"), &change).await.expect(200);
    operator.delete(&setting("branding")).await.expect(204);
}

#[tokio::test]
async fn another_server_of_the_instance_knows_at_the_next_request() {
    if !database::is_postgres() {
        // A directory of SQLite files has one server.
        return;
    }
    let app = TestApp::start().await;
    let here = app.default_tenant().owner().await;
    let base = app.start_another().await;
    let tenant = Tenant { app: &app, base };
    let there = tenant.owner().await;
    assert_eq!(shown(&there, "branding").await["spec"]["color"], "#1864ab");
    for color in ["#112233", "#445566"] {
        decide(&here, "branding", json!({ "spec": { "color": color } })).await;
        assert_eq!(shown(&there, "branding").await["spec"]["color"], color);
    }
}
