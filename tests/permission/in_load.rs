//! What is taken from somebody in the middle of a load holds for every request that begins after its
//! answer, at every node.

use super::at_once::{nodes, start};
use crate::support::roles::{CONSOLE, USERS, grant, make_person};
use crate::support::{Person, Tenant};
use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::json;
use std::cell::Cell;

/// What happens to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    /// Nothing: the control.
    None,
    SignsOut,
    IsDisabled,
    LosesTheirRole,
}

const FACTS: [Fact; 4] = [Fact::None, Fact::SignsOut, Fact::IsDisabled, Fact::LosesTheirRole];
/// Users of each fact, and sessions of each user: 64 clients.
const USERS_EACH: usize = 4;
const SESSIONS_EACH: usize = 4;

/// One of the clients.
struct Client<'a> {
    person: Person<'a>,
    fact: Fact,
    /// Whether the fact was answered.
    is_over: Cell<bool>,
}

impl Client<'_> {
    async fn asks(&self, node: &str) -> u16 {
        let tenant = Tenant {
            app: self.person.tenant.app,
            base: node.to_owned(),
        };
        let anybody = tenant.anybody();
        let request = anybody.request(Method::GET, &format!("{USERS}?size=1"));
        let token = self.person.tokens["accessToken"].as_str().unwrap();
        anybody.send(request.bearer_auth(token)).await.status.as_u16()
    }

    /// Asks the nodes in turn until the fact is over, or all facts are; how often that was answered.
    async fn goes_on(&self, nodes: &[String], all_are_over: &Cell<bool>) -> usize {
        let after = match self.fact {
            Fact::None => 200,
            Fact::SignsOut | Fact::IsDisabled => 401,
            Fact::LosesTheirRole => 403,
        };
        let mut answers = 0;
        loop {
            let was_over = self.is_over.get() || all_are_over.get();
            for node in nodes {
                let status = self.asks(node).await;
                answers += 1;
                assert!(
                    status == after || !was_over && status == 200,
                    "{:?}: {status}",
                    self.fact
                );
            }
            if was_over {
                return answers;
            }
        }
    }
}

async fn happens(fact: Fact, clients: &[Client<'_>], owner: &Person<'_>) {
    let user = format!("{USERS}/{}", clients[0].person.name);
    match fact {
        Fact::None => {}
        Fact::SignsOut => {
            for client in clients {
                client.person.delete(&format!("{CONSOLE}/sessions/-")).await.expect(204);
                client.is_over.set(true);
            }
        }
        Fact::IsDisabled => drop(owner.post(&format!("{user}/disable"), &json!({})).await.expect(200)),
        Fact::LosesTheirRole => drop(grant(owner, &clients[0].person.name, "").await.expect(200)),
    }
    for client in clients {
        client.is_over.set(fact != Fact::None);
    }
}

#[tokio::test]
async fn what_is_taken_in_the_middle_of_a_load_is_gone_for_every_request_after_its_answer() {
    let app = start().await;
    let nodes = nodes(&app).await;
    let owner = app.default_tenant().owner().await;
    let mut users = vec![];
    for number in 0..FACTS.len() * USERS_EACH {
        let (name, fact) = (format!("user-{number}"), FACTS[number % FACTS.len()]);
        let mut sessions = vec![make_person(&owner, &name, "support").await];
        while sessions.len() < SESSIONS_EACH {
            sessions.push(owner.tenant.sign_in(&name).await);
        }
        let clients = sessions.into_iter().map(|person| Client {
            person,
            fact,
            is_over: Cell::new(false),
        });
        users.push(clients.collect::<Vec<_>>());
    }
    let all_are_over = Cell::new(false);
    let load = join_all(
        users
            .iter()
            .flatten()
            .map(|client| client.goes_on(&nodes, &all_are_over)),
    );
    let facts = async {
        for clients in &users {
            happens(clients[0].fact, clients, &owner).await;
        }
        all_are_over.set(true);
    };
    let (answers, ()) = join(load, facts).await;
    // Everybody was heard before their fact and after it.
    assert!(answers.iter().all(|answers| *answers > nodes.len()), "{answers:?}");
}
