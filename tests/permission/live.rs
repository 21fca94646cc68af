//! What changes in somebody's roles holds at their next request, on every node.

use crate::support::roles::{CONSOLE, ROLES, USERS, allow, deny, grant, make_person, make_role, patch, set_rules};
use crate::support::{PASSWORD, Person, Tenant, TestApp, database::is_postgres, serve_on};
use reqwest::Method;
use serde_json::json;
use tenantry::{config::Config, server::Server};

/// Somebody with an access token and a session cookie, asking one node.
struct Subject<'a> {
    person: Person<'a>,
    cookie: String,
}

impl<'a> Subject<'a> {
    async fn new(person: Person<'a>) -> Self {
        let given = json!({ "username": person.name, "password": PASSWORD });
        let answer = person
            .tenant
            .anybody()
            .post(&format!("{CONSOLE}/sessions"), &given)
            .await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        assert!(cookie.contains('='), "{}", answer.text);
        Self { person, cookie }
    }

    /// The same person, asking another node.
    fn at(&self, base: &str) -> Self {
        let tenant = Tenant {
            app: self.person.tenant.app,
            base: base.to_owned(),
        };
        Self {
            person: Person {
                tenant,
                ..self.person.clone()
            },
            cookie: self.cookie.clone(),
        }
    }

    /// What listing users answers to the token and to the cookie.
    async fn lists(&self) -> [u16; 2] {
        let anybody = self.person.tenant.anybody();
        let by_cookie = anybody.request(Method::GET, USERS).header("cookie", &self.cookie);
        let by_token = self.person.get(USERS).await;
        [by_token.status.as_u16(), anybody.send(by_cookie).await.status.as_u16()]
    }

    /// What renewing the session answers.
    async fn refreshes(&self) -> u16 {
        let given = json!({ "refreshToken": self.person.tokens["refreshToken"] });
        self.person
            .tenant
            .anybody()
            .post("/v1/refresh", &given)
            .await
            .status
            .as_u16()
    }
}

const NO: [u16; 2] = [403, 403];
const YES: [u16; 2] = [200, 200];
const GONE: [u16; 2] = [401, 401];

/// Changes what bob may do in every way there is, and looks at once, at each of these places.
async fn watch(owner: &Person<'_>, at: &[&Subject<'_>]) {
    let see = async |expected: [u16; 2], what: &str| {
        for (node, subject) in at.iter().enumerate() {
            assert_eq!(subject.lists().await, expected, "{what}, at {node}");
        }
    };
    let list = [allow("users", "list")];
    see(NO, "at first").await;
    make_role(owner, "base", "", &list).await;
    make_role(owner, "lister", "base", &[]).await;
    see(NO, "a role they do not have").await;
    grant(owner, "bob", "lister").await.expect(200);
    see(YES, "given").await;
    set_rules(owner, "base", &[]).await.expect(200);
    see(NO, "the inherited rule is gone").await;
    set_rules(owner, "lister", &list).await.expect(200);
    see(YES, "a rule of its own").await;
    set_rules(owner, "base", &[deny("*", "list")]).await.expect(200);
    see(NO, "an inherited denial").await;
    let orphan = json!({ "spec": { "inherits": [] } });
    patch(owner, &format!("{ROLES}/lister"), &orphan).await.expect(200);
    see(YES, "without the parent").await;
    let whole = json!({ "spec": { "displayName": "Lister", "inherits": ["base"] }, "rules": list });
    owner.put(&format!("{ROLES}/lister"), &whole).await.expect(200);
    see(NO, "with the parent").await;
    owner
        .delete(&format!("{ROLES}/base?replacement=support"))
        .await
        .expect(204);
    see(YES, "another parent took its place").await;
    owner
        .delete(&format!("{ROLES}/lister?replacement=user"))
        .await
        .expect(204);
    see(NO, "the role is gone").await;
    grant(owner, "bob", "support").await.expect(200);
    see(YES, "given again").await;
    grant(owner, "bob", "").await.expect(200);
    see(NO, "taken").await;
    grant(owner, "bob", "owner").await.expect(200);
    see(YES, "promoted").await;
    grant(owner, "bob", "").await.expect(200);
    see(NO, "demoted").await;
}

#[tokio::test]
async fn every_change_of_roles_holds_at_the_next_request_of_a_living_session() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let bob = Subject::new(make_person(&owner, "bob", "").await).await;
    watch(&owner, &[&bob]).await;
}

#[tokio::test]
async fn a_change_of_roles_is_one_tenants_own() {
    let app = TestApp::start().await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let (of_a, of_b) = (a.owner().await, b.owner().await);
    let rules = [allow("users", "list")];
    for owner in [&of_a, &of_b] {
        make_role(owner, "lister", "", &rules).await;
    }
    let bob_of_a = make_person(&of_a, "bob", "lister").await;
    let bob_of_b = make_person(&of_b, "bob", "lister").await;
    set_rules(&of_a, "lister", &[]).await.expect(200);
    bob_of_a.get(USERS).await.expect_problem(403, "forbidden");
    bob_of_b.get(USERS).await.expect(200);
    make_role(&of_b, "of-b", "owner", &[]).await;
    grant(&of_a, "bob", "of-b").await.expect_problem(400, "role_unknown");
    grant(&of_b, "bob", "of-b").await.expect(200);
}

/// Another node of the same deployment.
pub(super) async fn second_node(app: &TestApp) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let config = Config {
        listen: address.to_string(),
        ..app.app.config.clone()
    };
    let (node, _) = Server::start(config, app.clock.clone()).await.unwrap();
    serve_on(listener, &node);
    format!("http://{address}")
}

#[tokio::test]
async fn every_node_sees_a_change_of_roles_at_the_first_request_after_it() {
    if !is_postgres() {
        eprintln!("skipped: a directory of SQLite files belongs to one server");
        return;
    }
    let public = |config: &mut Config| config.public_url = Some("http://tenantry.test".parse().unwrap());
    let app = TestApp::start_with(public).await;
    let owner = app.default_tenant().owner().await;
    let here = Subject::new(make_person(&owner, "bob", "").await).await;
    let other = second_node(&app).await;
    let there = here.at(&other);
    watch(&owner, &[&there, &here]).await;
    let owner_there = Subject::new(owner.clone()).await.at(&other).person;
    watch(&owner_there, &[&here, &there]).await;
}

/// Ends somebody in one way at one node; every credential of theirs is dead at once at all.
async fn end_everywhere(owner: &Person<'_>, at: &[&str], act: &str) {
    let name = format!("bob-{act}");
    let bob = Subject::new(make_person(owner, &name, "support").await).await;
    let nodes: Vec<_> = at.iter().map(|base| bob.at(base)).collect();
    for node in &nodes {
        assert_eq!(node.lists().await, YES, "before {act}");
    }
    match act {
        "disable" => drop(
            owner
                .post(&format!("{USERS}/{name}/disable"), &json!({}))
                .await
                .expect(200),
        ),
        "delete" => drop(owner.delete(&format!("{USERS}/{name}")).await.expect(204)),
        _ => {
            let new = json!({ "password": "another battery staple" });
            owner.put(&format!("{USERS}/{name}/password"), &new).await.expect(200);
        }
    }
    for node in &nodes {
        assert_eq!(node.lists().await, GONE, "after {act}");
        assert_eq!(node.refreshes().await, 401, "after {act}");
    }
}

#[tokio::test]
async fn who_is_disabled_deleted_or_gets_another_password_is_signed_out_on_every_node() {
    let public = |config: &mut Config| config.public_url = Some("http://tenantry.test".parse().unwrap());
    let app = TestApp::start_with(public).await;
    let owner = app.default_tenant().owner().await;
    let mut nodes = vec![app.base.clone()];
    if is_postgres() {
        nodes.push(second_node(&app).await);
    }
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    for act in ["disable", "delete", "password"] {
        end_everywhere(&owner, &nodes, act).await;
    }
}
