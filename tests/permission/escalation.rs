//! Nobody acts on a user who may do more than themself, whatever the act.

use crate::support::roles::{
    CONSOLE, ROLES, USERS, allow, events_of, make_person, make_role, make_user, may, only, role,
};
use crate::support::{Person, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// A user who is acted on.
struct Target {
    name: String,
    /// The roles they have besides `user` and the badge.
    roles: String,
    /// A role that only they have, and that permits nothing.
    badge: String,
    session: String,
}

/// An act, and what it needs.
struct Act {
    permission: &'static str,
    method: Method,
    path: String,
    /// Null for none.
    body: Value,
}

fn act(permission: &'static str, method: Method, path: String, body: Value) -> Act {
    Act {
        permission,
        method,
        path,
        body,
    }
}

impl Target {
    async fn new(owner: &Person<'_>, name: &str, roles: &str) -> Self {
        let badge = format!("badge-{name}");
        make_role(owner, &badge, "", &[]).await;
        make_role(owner, &format!("other-{badge}"), "", &[]).await;
        make_user(owner, name, &format!("{roles} {badge}")).await;
        for _ in 0..2 {
            owner.tenant.sign_in(name).await;
        }
        let sessions = owner.get(&format!("{USERS}/{name}/sessions")).await.expect(200);
        Self {
            name: name.to_owned(),
            roles: roles.to_owned(),
            badge,
            session: sessions["items"][0]["metadata"]["name"].as_str().unwrap().to_owned(),
        }
    }

    /// Every act on them, those last that leave least.
    fn acts(&self) -> Vec<Act> {
        self.light().into_iter().chain(self.heavy()).collect()
    }

    /// An address for a user.
    fn new_address(&self, number: u8) -> String {
        format!("new{number}-{}@example.test", self.name)
    }

    fn light(&self) -> Vec<Act> {
        let on = |rest: &str| format!("{USERS}/{}{rest}", self.name);
        vec![
            act(
                "users:update",
                Method::PATCH,
                on(""),
                json!({ "spec": { "bio": "Changed" } }),
            ),
            act("users/avatar:update", Method::POST, on("/avatar"), Value::Null),
            act("users/avatar:delete", Method::DELETE, on("/avatar"), Value::Null),
            act(
                "users/email:override",
                Method::PUT,
                on("/email"),
                json!({ "email": self.new_address(1) }),
            ),
            act(
                "users/sessions:delete",
                Method::DELETE,
                on(&format!("/sessions/{}", self.session)),
                Value::Null,
            ),
            act("users/sessions:delete", Method::DELETE, on("/sessions"), Value::Null),
            act("users:disable", Method::POST, on("/disable"), Value::Null),
            act("users:enable", Method::POST, on("/enable"), Value::Null),
        ]
    }

    fn heavy(&self) -> Vec<Act> {
        let on = |rest: &str| format!("{USERS}/{}{rest}", self.name);
        let badge = format!("{ROLES}/{}", self.badge);
        let roles: Vec<&str> = self.roles.split_whitespace().collect();
        let new = format!("new-{}", self.name);
        let spec = json!({ "spec": { "displayName": "Changed" } });
        let again = json!({ "spec": { "displayName": "Changed again" } });
        // One that permits nothing either: what changes nothing leaves no event.
        let other = format!("{} other-{}", self.roles, self.badge);
        let other: Vec<&str> = other.split_whitespace().collect();
        vec![
            act(
                "roles:create",
                Method::POST,
                ROLES.to_owned(),
                role(&new, &self.roles, &[]),
            ),
            act("roles:update", Method::PUT, badge.clone(), spec),
            act("roles:update", Method::PATCH, badge.clone(), again),
            act(
                "users:create",
                Method::POST,
                USERS.to_owned(),
                json!({ "name": new, "email": self.new_address(2), "roles": roles }),
            ),
            act(
                "roles:delete",
                Method::DELETE,
                format!("{badge}?replacement=user"),
                Value::Null,
            ),
            act(
                "users/permissions:create",
                Method::POST,
                on("/permissions"),
                json!({ "roles": other }),
            ),
            act(
                "users/permissions:create",
                Method::POST,
                on("/permissions"),
                json!({ "roles": [] }),
            ),
            act(
                "users/password:update",
                Method::PUT,
                on("/password"),
                json!({ "password": "another battery staple" }),
            ),
            act("users:delete", Method::DELETE, on(""), Value::Null),
        ]
    }

    /// All there is to see of them.
    async fn seen_by(&self, owner: &Person<'_>) -> Vec<Value> {
        let name = &self.name;
        let mut seen = vec![];
        for path in [
            format!("{USERS}/{name}"),
            format!("{USERS}/{name}/permissions"),
            format!("{USERS}/{name}/sessions"),
            format!("{ROLES}/{}", self.badge),
            ROLES.to_owned(),
        ] {
            seen.push(owner.get(&path).await.expect(200));
        }
        seen.push(owner.get(USERS).await.expect(200)["total"].clone());
        seen
    }
}

const FORM: &str = "multipart/form-data; boundary=XX";

fn picture() -> Vec<u8> {
    let png = include_bytes!("../support/files/avatar.png");
    let head = b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";
    [&head[..], png, b"\r\n--XX--\r\n"].concat()
}

async fn send(by: &Person<'_>, act: &Act) -> Reply {
    let request = by.request(act.method.clone(), &act.path);
    let request = match (act.permission, &act.body) {
        ("users/avatar:update", _) => request.header("content-type", FORM).body(picture()),
        (_, Value::Null) => request,
        (_, body) => request.json(body),
    };
    by.send(request).await
}

/// Tries every act the caller has the permission for, and checks that it is done for nobody.
async fn check_higher(owner: &Person<'_>, caller: &Person<'_>, target: &Target) -> usize {
    let permitted = may(caller, "-").await;
    let before = target.seen_by(owner).await;
    let mut tried = 0;
    for act in target.acts() {
        let label = format!("{} by {} on {}", act.permission, caller.name, target.name);
        if !permitted.iter().any(|permission| permission == act.permission) {
            continue;
        }
        tried += 1;
        let reply = send(caller, &act).await;
        assert_eq!(
            reply.status, 403,
            "{label} ({} {}): {}",
            act.method, act.path, reply.text
        );
        let events = events_of(owner, &reply).await;
        assert_eq!(reply.json()["code"], "escalation", "{label}: {}", reply.text);
        assert_eq!(target.seen_by(owner).await, before, "{label} changed something");
        assert_eq!(events.len(), 1, "{label}: {events:?}");
        let said = ["outcome", "code", "actor", "action"].map(|field| events[0][field].as_str().unwrap().to_owned());
        assert_eq!(
            said,
            ["denied", "escalation", caller.name.as_str(), act.permission],
            "{label}"
        );
        assert_eq!(events[0]["changes"], json!([]), "{label}");
    }
    tried
}

/// The control: the same acts on somebody who may do no more.
async fn check_not_higher(owner: &Person<'_>, caller: &Person<'_>, target: &Target) -> usize {
    let permitted = may(caller, "-").await;
    let mut tried = 0;
    for act in target.acts() {
        if permitted.iter().any(|permission| permission == act.permission) {
            tried += 1;
            let before = owner.get(&format!("{USERS}/{}", target.name)).await.expect(200);
            let reply = send(caller, &act).await;
            let label = format!("{} by {} on {}", act.permission, caller.name, target.name);
            assert!(
                reply.status.is_success(),
                "{label}: {} {} {before}",
                reply.status,
                reply.text
            );
            let events = events_of(owner, &reply).await;
            assert_eq!(events.len(), 1, "{label}: {events:?}");
            assert_eq!(events[0]["outcome"], "done", "{label}");
        }
    }
    tried
}

/// Checks callers of this role against everybody.
async fn check(role: &str, rules: &[Value], acts: usize) {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    if !rules.is_empty() {
        make_role(&owner, role, "", rules).await;
    }
    make_role(&owner, "heir", "owner", &[]).await;
    make_role(&owner, "grandheir", "heir", &[]).await;
    // Nothing but this one message's text is beyond everybody who tries.
    make_role(&owner, "reader", "", &[only(allow("messages", "get"), "m1")]).await;
    let both = format!("{role} reader");
    for (kind, roles) in [
        ("owner", "owner"),
        ("heir", "heir"),
        ("grandheir", "grandheir"),
        ("reader", "reader"),
        ("both", &both),
    ] {
        // Another one each time: only so many denials of one caller are kept in a minute.
        let caller = make_person(&owner, &format!("by-{kind}"), role).await;
        let target = Target::new(&owner, &format!("on-{kind}"), roles).await;
        assert_eq!(check_higher(&owner, &caller, &target).await, acts, "{kind}");
    }
    let caller = make_person(&owner, "by-lower", role).await;
    for (kind, roles) in [("equal", role), ("lower", "")] {
        let target = Target::new(&owner, &format!("on-{kind}"), roles).await;
        assert_eq!(check_not_higher(&owner, &caller, &target).await, acts, "{kind}");
    }
    let verification = format!("{CONSOLE}/audit-events/-/verification");
    assert_eq!(owner.get(&verification).await.expect(200)["intact"], true);
    // Pictures that came to nothing are swept.
    app.work().await;
}

#[tokio::test]
async fn a_user_manager_acts_on_nobody_who_may_do_more() {
    check("user-manager", &[], 13).await;
}

#[tokio::test]
async fn a_role_manager_acts_on_nobody_who_may_do_more() {
    check("role-manager", &[], 6).await;
}

#[tokio::test]
async fn a_deputy_who_may_do_every_act_does_none_on_who_may_do_more() {
    let resources = "users users/avatar users/password users/email users/sessions users/permissions roles";
    check("deputy", &[allow(resources, "*")], 17).await;
}
