//! Making and opening a log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use lienthong_log::{Condition, Partition};
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::address::{KafkaAddress, Topic, number};
use crate::beside::beside;
use crate::brokers::{Brokers, Layout};
use crate::clock;
use crate::error::OpenError;
use crate::history::History;
use crate::sender::{Producers, Sender};
use crate::settings::{self, Security};
use crate::state::{Names, Start, State};
use crate::tail::Tail;
use crate::topic_ids::TopicIds;
use crate::topics::{self, Times, TopicPlan};
use crate::watchdog::Watchdog;
use crate::{KafkaLog, Senders};

/// How long new topics may take until every partition has a leader.
pub(crate) const MADE_MAX: Duration = Duration::from_secs(30);
/// How many brokers keep a record unless told otherwise, where there are as many.
const REPLICAS_DEFAULT: u16 = 3;
/// How often to ask meanwhile.
pub(crate) const MADE_PAUSE: Duration = Duration::from_millis(50);

impl KafkaLog {
    /// Makes the topics of a log, or those of them that are missing, and waits until they can be written to.
    ///
    /// # Errors
    /// `Unreachable`, `NotMade`, `Security`.
    pub async fn create(
        address: &KafkaAddress,
        security: &Security,
        plan: TopicPlan,
    ) -> Result<(), OpenError> {
        let client = settings::client(address, security)?;
        let brokers = Brokers::new(address, &settings::asking(&client)).map_err(OpenError::Client)?;
        blocking(&Arc::new(brokers), may_be_made).await?;
        make(&client, address, plan, Times::LogAppend).await.map(|_| ())
    }

    /// Opens the log.
    ///
    /// # Errors
    /// `Unreachable`, `Missing`, `Wrong`, `Cut` and the like pass by waiting or by mending what they name;
    /// [`OpenError::passes`] says which do.
    pub async fn open(address: &KafkaAddress, security: &Security) -> Result<Self, OpenError> {
        Self::open_with(address, security, Times::LogAppend).await
    }

    /// The same, of topics whose append times come from where `times` says.
    pub(crate) async fn open_with(
        address: &KafkaAddress,
        security: &Security,
        times: Times,
    ) -> Result<Self, OpenError> {
        let client = settings::client(address, security)?;
        let brokers = Brokers::new(address, &settings::asking(&client)).map_err(OpenError::Client)?;
        let brokers = Arc::new(brokers);
        if times == Times::LogAppend && blocking(&brokers, Brokers::is_copying).await? {
            return Err(OpenError::Unfinished { address: address.clone() });
        }
        let layout = blocking(&brokers, Brokers::layout).await?;
        let check = async |admin: &_| topics::check(admin, address, layout.replicas, times).await;
        let troubles = topics::asked(&client, check).await?;
        if !troubles.is_empty() {
            return Err(OpenError::Wrong { condition: Condition { troubles } });
        }
        let stop = CancellationToken::new();
        let ids = Arc::new(TopicIds::default());
        let reader = settings::history(&client);
        let history = History::new(address.clone(), reader, Arc::clone(&ids), stop.clone());
        let partitions = layout.dossier_partitions;
        let ends = blocking(&brokers, move |brokers| bounds(brokers, partitions)).await?;
        let starts = ends.into_iter().map(|(partition, next)| {
            let history = Arc::clone(&history);
            async move {
                let last = if next == 0 { None } else { history.last(partition, next).await? };
                Ok::<_, OpenError>(Start { partition, next, last })
            }
        });
        let starts = try_join_all(starts).await?;
        let state = Arc::new(State::new(address.clone(), partitions, starts, stop));
        let erasables = blocking(&brokers, |brokers| {
            brokers.erasable_bounds().map_err(OpenError::brokers(brokers.address()))
        });
        state.erasables.begin(erasables.await?.0);
        let log = start(&client, state, brokers, history, ids, &layout, times)?;
        // Else a value would stand for a moment that was forgotten.
        log.read_erasables().await?;
        Ok(log)
    }
}

/// Starts the parts of an open log.
fn start(
    client: &ClientConfig,
    state: Arc<State>,
    brokers: Arc<Brokers>,
    history: Arc<History>,
    ids: Arc<TopicIds>,
    layout: &Layout,
    times: Times,
) -> Result<KafkaLog, OpenError> {
    state.condition.send_replace(Condition { troubles: layout.troubles.clone() });
    let producer = match times {
        Times::LogAppend => settings::producer(client),
        Times::Given => settings::restorer(client),
    };
    let producers = Producers::new(producer).map_err(OpenError::Client)?;
    let names = Names::of(&state.address);
    let tasks = TaskTracker::new();
    let sender = |topic: &str, number| Sender::start(&producers, topic.to_owned(), number, &tasks);
    let partitions: BTreeMap<Partition, Sender> = state
        .partitions()
        .map(|partition| (partition, sender(names.of_partition(partition), number(partition))))
        .collect();
    let erasable = Arc::new(sender(&names.erasable, 0));
    let (tail, thread) =
        Tail::start(Arc::clone(&state), settings::tail(client), ids).map_err(OpenError::Client)?;
    let watchdog = Watchdog {
        state: Arc::clone(&state),
        tail: Arc::clone(&tail),
        brokers: Arc::clone(&brokers),
        history: Arc::clone(&history),
        erasable: Arc::downgrade(&erasable),
        admin: topics::admin(client).map_err(OpenError::Client)?,
        replicas: layout.replicas,
        times,
    };
    tokio::spawn(watchdog.run());
    tokio::spawn(clock::watch(Arc::clone(&state)));
    Ok(KafkaLog {
        state,
        history,
        brokers,
        copies: topics::copies(layout.replicas),
        senders: RwLock::new(Some(Arc::new(Senders { producers, partitions, erasable }))),
        tasks,
        thread: Mutex::new(Some(thread)),
        tail,
    })
}

/// Makes topics that are missing; what comes back is how they stand once every partition has a leader.
pub(crate) async fn make(
    client: &ClientConfig,
    address: &KafkaAddress,
    plan: TopicPlan,
    times: Times,
) -> Result<Layout, OpenError> {
    let brokers = Arc::new(Brokers::new(address, &settings::asking(client)).map_err(OpenError::Client)?);
    let (replicas, partitions) = (replicas(&brokers, plan).await?, plan.dossier_partitions);
    let create = async |admin: &_| topics::create(admin, address, partitions, replicas, times).await;
    topics::asked(client, create).await?;
    let began = Instant::now();
    loop {
        match blocking(&brokers, Brokers::layout).await {
            Ok(layout) if layout.troubles.is_empty() || began.elapsed() > MADE_MAX => return Ok(layout),
            Err(error) if began.elapsed() > MADE_MAX => return Err(error),
            // The brokers say that a topic is made before all of them know it.
            Ok(_) | Err(_) => tokio::time::sleep(MADE_PAUSE).await,
        }
    }
}

/// How many brokers are to keep a record.
pub(crate) async fn replicas(brokers: &Arc<Brokers>, plan: TopicPlan) -> Result<u16, OpenError> {
    match plan.replicas {
        Some(replicas) => Ok(replicas),
        None => Ok(blocking(brokers, Brokers::count).await?.min(REPLICAS_DEFAULT)),
    }
}

/// Topics are added to what was begun, never to a log that has lost one.
fn may_be_made(brokers: &Brokers) -> Result<(), OpenError> {
    let address = brokers.address();
    if brokers.is_copying()? {
        return Err(OpenError::Unfinished { address: address.clone() });
    }
    let present = brokers.present()?;
    let missing = Topic::ALL.into_iter().find(|topic| !present.contains(topic));
    let Some(missing) = missing.filter(|_| present.contains(&Topic::Registry)) else { return Ok(()) };
    let (_, end) = brokers.bounds(Partition::Registry).map_err(OpenError::brokers(address))?;
    if end == 0 {
        return Ok(());
    }
    Err(OpenError::Deleted { address: address.clone(), topic: address.topic(missing) })
}

/// Where every partition ends, in the order of `Partition::all`; each must begin with 0.
fn bounds(brokers: &Brokers, dossier_partitions: u16) -> Result<Vec<(Partition, u64)>, OpenError> {
    let failed = || OpenError::brokers(brokers.address());
    // All at once: one after the other they would take as long as there are many.
    let starts = brokers.starts(Partition::all(dossier_partitions)).map_err(failed())?;
    let ends = brokers.ends(Partition::all(dossier_partitions)).map_err(failed())?;
    let (starts, ends): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (starts.into_iter().collect(), ends.into_iter().collect());
    let bounds = Partition::all(dossier_partitions).map(|partition| {
        match (starts.get(&partition), ends.get(&partition)) {
            (Some(0), Some(end)) => Ok((partition, *end)),
            (Some(&start), Some(_)) => {
                let topic = brokers.address().topic(Topic::of(partition));
                Err(OpenError::Cut { topic, partition: number(partition), start })
            }
            _ => Err(failed()(KafkaError::OffsetFetch(RDKafkaErrorCode::LeaderNotAvailable))),
        }
    });
    bounds.collect()
}

pub(crate) async fn blocking<T: Send + 'static>(
    brokers: &Arc<Brokers>,
    ask: impl FnOnce(&Brokers) -> Result<T, OpenError> + Send + 'static,
) -> Result<T, OpenError> {
    let brokers = Arc::clone(brokers);
    beside(move || ask(&brokers)).await?
}
