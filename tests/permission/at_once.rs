//! Whatever takes something from somebody holds at their next request: each fact against each way of
//! saying who calls. Callers are kept between requests, so every way is used before the fact.

use super::live::second_node;
use crate::support::roles::{CONSOLE, USERS, allow, grant, make_person, make_role, patch, set_rules};
use crate::support::{PASSWORD, Person, Tenant, TestApp, database::is_postgres};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How somebody says who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Bearer,
    Cookie,
    Basic,
}
use Way::{Basic, Bearer, Cookie};

const WAYS: [Way; 3] = [Bearer, Cookie, Basic];

/// Operations that tell the caller of themself, one of each group, and one that needs a role.
const PATHS: [(Method, &str); 5] = [
    (Method::GET, "/apis/console/v1alpha1/users/-"),
    (Method::POST, "/v1/identity/resolve"),
    (Method::GET, "/auth/v1/users/me"),
    (Method::GET, "/api/auth/check"),
    (Method::GET, USERS),
];

/// Somebody with a token, a cookie and a password.
struct Subject<'a> {
    person: Person<'a>,
    cookie: String,
}

impl<'a> Subject<'a> {
    async fn new(owner: &Person<'a>, name: &str) -> Self {
        let person = make_person(owner, name, "support").await;
        let given = json!({ "username": name, "password": PASSWORD });
        let anybody = person.tenant.anybody();
        let answer = anybody.post(&format!("{CONSOLE}/sessions"), &given).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { person, cookie }
    }

    /// What the paths answer at this node to somebody who says in this way who they are.
    async fn asks(&self, node: &str, way: Way) -> BTreeSet<u16> {
        let app = self.person.tenant.app;
        let tenant = Tenant {
            app,
            base: node.to_owned(),
        };
        let anybody = tenant.anybody();
        let mut statuses = BTreeSet::new();
        // A password is checked each time, which takes its time and counts.
        let paths = match way {
            Basic => &PATHS[4..],
            _ => &PATHS[..],
        };
        for (method, path) in paths.iter().cloned() {
            let request = anybody.request(method, path);
            let request = match way {
                Bearer => request.bearer_auth(self.person.tokens["accessToken"].as_str().unwrap()),
                Cookie => request.header("cookie", &self.cookie),
                Basic => {
                    let given = STANDARD.encode(format!("{}:{PASSWORD}", self.person.name));
                    request.header("authorization", format!("Basic {given}"))
                }
            };
            statuses.insert(anybody.send(request).await.status.as_u16());
        }
        statuses
    }

    async fn refreshes(&self) -> u16 {
        let given = json!({ "refreshToken": self.person.tokens["refreshToken"] });
        let answer = self.person.tenant.anybody().post("/v1/refresh", &given).await;
        answer.status.as_u16()
    }
}

/// The same answer of all paths.
fn all(status: u16) -> BTreeSet<u16> {
    BTreeSet::from([status])
}

/// A fact, and the ways that say nothing any more after it.
type Fact = (&'static str, &'static [Way]);

const FACTS: [Fact; 7] = [
    ("signs out the token", &[Bearer]),
    ("signs out the cookie", &[Cookie]),
    ("is signed out by an owner", &[Bearer, Cookie]),
    ("is disabled", &WAYS),
    ("is deleted", &WAYS),
    // The session that asks for it lives on.
    ("chooses another password", &[Cookie, Basic]),
    ("is given another password", &WAYS),
];

async fn happens(fact: &str, subject: &Subject<'_>, owner: &Person<'_>) {
    let (person, name) = (&subject.person, &subject.person.name);
    let user = format!("{USERS}/{name}");
    let own = format!("{CONSOLE}/sessions/-");
    match fact {
        "signs out the token" => drop(person.delete(&own).await.expect(204)),
        "signs out the cookie" => {
            let anybody = person.tenant.anybody();
            let request = anybody
                .request(Method::DELETE, &own)
                .header("cookie", &subject.cookie)
                .header("sec-fetch-site", "same-origin");
            anybody.send(request).await.expect(204);
        }
        "is signed out by an owner" => drop(owner.delete(&format!("{user}/sessions")).await.expect(204)),
        "is disabled" => drop(owner.post(&format!("{user}/disable"), &json!({})).await.expect(200)),
        "is deleted" => drop(owner.delete(&user).await.expect(204)),
        "chooses another password" => {
            let given = json!({ "currentPassword": PASSWORD, "newPassword": "another battery staple" });
            person.post("/v1/password/change", &given).await.expect(200);
        }
        _ => {
            let given = json!({ "password": "another battery staple" });
            owner.put(&format!("{user}/password"), &given).await.expect(200);
        }
    }
}

/// The server, and where there can be one a second node of it.
pub(super) async fn nodes(app: &TestApp) -> Vec<String> {
    let mut nodes = vec![app.base.clone()];
    if is_postgres() {
        nodes.push(second_node(app).await);
    }
    nodes
}

pub(super) async fn start() -> TestApp {
    TestApp::start_with(|config| config.public_url = Some("http://tenantry.test".parse().unwrap())).await
}

async fn owner_with_basic(app: &TestApp) -> Person<'_> {
    let owner = app.default_tenant().owner().await;
    let policy = json!({ "spec": { "basicAuth": true } });
    let path = format!("{CONSOLE}/policies/authentication");
    owner.put(&path, &policy).await.expect(200);
    owner
}

#[tokio::test]
async fn every_end_of_a_session_or_user_holds_at_the_next_request_in_every_way() {
    let app = start().await;
    let owner = owner_with_basic(&app).await;
    let nodes = nodes(&app).await;
    let bystander = Subject::new(&owner, "bystander").await;
    for (number, (fact, ends)) in FACTS.into_iter().enumerate() {
        let subject = Subject::new(&owner, &format!("subject-{number}")).await;
        for node in &nodes {
            for way in WAYS {
                assert_eq!(
                    subject.asks(node, way).await,
                    all(200),
                    "{way:?} before somebody {fact}"
                );
            }
            assert_eq!(bystander.asks(node, Bearer).await, all(200), "the bystander before");
        }
        happens(fact, &subject, &owner).await;
        for node in &nodes {
            for way in WAYS {
                let expected = if ends.contains(&way) { 401 } else { 200 };
                let answers = subject.asks(node, way).await;
                assert_eq!(answers, all(expected), "{way:?} after somebody {fact}, at {node}");
            }
            assert_eq!(bystander.asks(node, Bearer).await, all(200), "the bystander after");
        }
        let renewed = if ends.contains(&Bearer) { 401 } else { 200 };
        assert_eq!(subject.refreshes().await, renewed, "renewing after somebody {fact}");
    }
}

#[tokio::test]
async fn a_role_that_is_taken_or_edited_holds_at_the_next_request_in_every_way() {
    let app = start().await;
    let owner = owner_with_basic(&app).await;
    let nodes = nodes(&app).await;
    make_role(&owner, "lister", "", &[allow("users", "list")]).await;
    let subject = Subject::new(&owner, "subject").await;
    // The other paths need no role.
    let see = async |last: u16, what: &str| {
        for node in &nodes {
            for way in WAYS {
                let refuses = subject.asks(node, way).await.contains(&403);
                assert_eq!(refuses, last == 403, "{way:?} {what}");
            }
        }
    };
    see(200, "at first").await;
    grant(&owner, "subject", "").await.expect(200);
    see(403, "after the role was taken").await;
    grant(&owner, "subject", "lister").await.expect(200);
    see(200, "after another one was given").await;
    set_rules(&owner, "lister", &[]).await.expect(200);
    see(403, "after its rule was removed").await;
}

#[tokio::test]
async fn a_change_of_oneself_is_seen_by_the_next_request_in_every_group() {
    let app = start().await;
    let owner = owner_with_basic(&app).await;
    let nodes = nodes(&app).await;
    let subject = Subject::new(&owner, "subject").await;
    let shown = async |path: &str, pointer: &str| -> Vec<Value> {
        let mut shown = vec![];
        for node in &nodes {
            let tenant = Tenant {
                app: &app,
                base: node.clone(),
            };
            let person = Person {
                tenant,
                ..subject.person.clone()
            };
            shown.push(person.get(path).await.expect(200).pointer(pointer).unwrap().clone());
        }
        shown
    };
    let (console, me) = (PATHS[0].1, PATHS[2].1);
    let at_me = "/user/human/profile/displayName";
    for name in ["First", "Second"] {
        let edit = json!({ "spec": { "displayName": name } });
        let path = format!("{USERS}/subject");
        patch(&owner, &path, &edit).await.expect(200);
        for (path, pointer) in [(console, "/user/spec/displayName"), (me, at_me)] {
            assert!(shown(path, pointer).await.iter().all(|shown| shown == name), "{path}");
        }
    }
    let new = json!({ "email": "new@example.com", "verified": true });
    owner.put(&format!("{USERS}/subject/email"), &new).await.expect(200);
    let at_me = "/user/human/email/email";
    assert!(shown(me, at_me).await.iter().all(|shown| shown == "new@example.com"));
}
