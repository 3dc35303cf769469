//! What must hold once nothing is done to anybody any more: nothing acknowledged is lost or doubled, all replicas have
//! the digest of a replay from the log alone, each position has one holder, and work goes on.

use std::collections::{BTreeMap, HashMap};

use lienthong::replay::replay;
use lienthong_dossier::EventKind;
use lienthong_wire::pb::auditor::v1::Topic;
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::stored::{Body, Entry, decode_body, decode_entry};

use super::super::support::clients::{Clients, Service};
use super::board::{Board, Told};
use super::lock;
use super::stage::Stage;

/// Records that lie in the log and do not count: another replica was faster, the record came twice, or a clock was wrong.
const VOID_FOR: [&str; 5] = ["Stale", "Repeat", "Backdated", "Ahead", "Expired"];

/// Checks the whole log against the whole board; everything is ready, and nothing is under way. Gives the records that do
/// not count, by reason.
pub(super) async fn check(stage: &Stage, board: &Board) -> BTreeMap<String, u64> {
    let replicas: Vec<_> = (0..stage.replicas()).map(|replica| stage.clients(replica).unwrap()).collect();
    let one = &replicas[0];
    let mut auditor = AuditorClient::new(one.channel(Service::Auditor));
    let judged = replay(&mut auditor).await.unwrap();
    assert_eq!(judged.faults, Vec::<String>::new());
    let mut voids = BTreeMap::new();
    for clients in &replicas {
        let digest = clients.digest_of_all().await;
        assert_eq!(digest.digest, judged.digest.to_string());
        voids = digest.voids.into_iter().map(|void| (void.reason, void.count)).collect();
        assert!(voids.keys().all(|reason| VOID_FOR.contains(&reason.as_str())), "{voids:?}");
    }
    let bodies = bodies(one).await;
    let mut stand = 0;
    for told in board.all() {
        stand += stands(one, &told, &bodies).await;
    }
    // Two replicas that carry out one command at once may propose the same bytes; only one of these is ever admitted.
    assert_eq!(judged.admitted, stand as u64);
    voids
}

/// A dossier has what was acknowledged, in the order of its story, each once; what was not may stand behind it. Gives how
/// many records it has.
async fn stands(clients: &Clients, told: &Told, bodies: &HashMap<String, Body>) -> usize {
    let code = &told.code;
    let admitted: Vec<_> = clients.timeline(code).await.into_iter().map(|entry| entry.leaf).collect();
    let acknowledged: Vec<_> = lock(&told.receipts).iter().map(|receipt| receipt.leaf.clone()).collect();
    assert!(admitted.starts_with(&acknowledged), "{code}: {acknowledged:?} of {admitted:?}");
    let commands: Vec<_> = admitted.iter().map(|leaf| bodies[leaf].command_id.to_string()).collect();
    let story: Vec<_> = told.story.iter().map(|command| command.id().to_owned()).collect();
    assert_eq!(commands, story[..commands.len()], "{code}");
    one_holder(admitted.iter().map(|leaf| &bodies[leaf]));
    admitted.len()
}

/// Work goes on everywhere: each replica gives the same answer again to what was acknowledged, takes what comes next,
/// and a dossier that is new.
pub(super) async fn goes_on(stage: &Stage, board: &Board, newest: usize) {
    let mut told = board.newest(newest);
    board.begin(stage.replicas());
    told.extend(board.newest(stage.replicas()));
    for (number, told) in told.iter().enumerate() {
        let clients = stage.clients(number % stage.replicas()).unwrap();
        let acknowledged = lock(&told.receipts).len();
        let asked = acknowledged.saturating_sub(1)..(acknowledged + 1).min(told.story.len());
        for place in asked {
            let answer = told.story[place].send(&clients).await;
            let receipt = answer.unwrap_or_else(|status| panic!("{} {place}: {status}", told.code));
            assert!(receipt.repeated || place >= acknowledged, "{}", told.code);
            told.acknowledge(place, receipt);
        }
    }
}

/// Every body in the log, admitted or void, by its leaf.
async fn bodies(clients: &Clients) -> HashMap<String, Body> {
    let mut bodies = HashMap::new();
    for record in clients.raw(Topic::Dossiers).await {
        let Entry::Proposal(proposal) = decode_entry(&record.value).unwrap() else { panic!("a fence") };
        let leaf = lienthong_seal::leaf(&proposal.body).to_string();
        bodies.insert(leaf, decode_body(&proposal.body).unwrap());
    }
    bodies
}

/// At each position one agency holds the dossier, and only who it was offered to takes it from the one that does.
fn one_holder<'a>(bodies: impl Iterator<Item = &'a Body>) {
    let (mut holder, mut offered) = (None, None);
    for body in bodies {
        let agency = &body.act.agency;
        for event in &body.act.events {
            let kind = &event.kind;
            if let EventKind::DossierAccepted(_) = kind {
                assert!(holder.replace(agency).is_none());
            } else if let EventKind::CustodyOffered { to, .. } = kind {
                assert_eq!(holder, Some(agency));
                assert!(offered.replace(to).is_none());
            } else if let EventKind::CustodyAccepted = kind {
                assert_eq!(offered.take(), Some(agency));
                holder = Some(agency);
            } else if let EventKind::CustodyReturned { .. } = kind {
                assert_eq!(offered.take(), Some(agency));
            } else if let EventKind::CustodyOfferWithdrawn = kind {
                assert!(offered.take().is_some());
            }
        }
    }
}
