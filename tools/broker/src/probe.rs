//! What a broker knows of its cluster: asked in Kafka's own protocol, as far as that takes.
//!
//! `Metadata` of version 1: a request for all topics; of the answer, what is read are the brokers in service and whether
//! each replica of each topic is in sync.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a broker may take for one answer. It is asked again, so this is no limit to its start.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Some 100,000 partitions.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Length; API key 3, version 1; correlation id; client id "probe"; -1 for all topics.
const REQUEST: &[u8] = b"\0\0\0\x13\0\x03\0\x01\0\0\0\x07\0\x05probe\xff\xff\xff\xff";

/// What one broker knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// The ids of the brokers in service.
    pub(crate) brokers: Vec<i32>,
    /// Whether each replica of each partition has all that its leader has.
    pub(crate) in_sync: bool,
}

/// What the broker at this port knows.
///
/// # Errors
/// It does not answer, or not in this way.
pub(crate) fn ask(port: u16) -> io::Result<Known> {
    let mut stream = connect(port)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.write_all(REQUEST)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > ANSWER_BYTES_MAX {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    Answer(&answer).known().ok_or_else(|| ErrorKind::InvalidData.into())
}

/// A connection to this port.
pub(crate) fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER_TIMEOUT)
}

/// What is not read yet of an answer. Nothing is found where it ends early.
struct Answer<'a>(&'a [u8]);

impl Answer<'_> {
    fn known(mut self) -> Option<Known> {
        let _correlation = self.int()?;
        let mut brokers = Vec::new();
        for _ in 0..self.int()? {
            brokers.push(self.int()?);
            let (_host, _port, _rack) = (self.text()?, self.int()?, self.text()?);
        }
        let _controller = self.int()?;
        let mut in_sync = true;
        for _ in 0..self.int()? {
            let (error, _name, _internal) = (self.short()?, self.text()?, self.take::<1>()?);
            in_sync &= error == 0;
            for _ in 0..self.int()? {
                let (error, _index, _leader) = (self.short()?, self.int()?, self.int()?);
                in_sync &= error == 0 && self.ints()? == self.ints()?;
            }
        }
        Some(Known { brokers, in_sync })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn short(&mut self) -> Option<i16> {
        self.take().map(i16::from_be_bytes)
    }

    fn int(&mut self) -> Option<i32> {
        self.take().map(i32::from_be_bytes)
    }

    /// How many numbers a list of them has.
    fn ints(&mut self) -> Option<i32> {
        let count = self.int()?;
        (0..count).try_for_each(|_| self.int().map(drop))?;
        Some(count)
    }

    /// Past a text: its length, which is -1 for none, and so many bytes.
    fn text(&mut self) -> Option<()> {
        let length = usize::try_from(self.short()?).unwrap_or(0);
        self.0 = self.0.get(length..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Brokers 1 and 3; topic "kept" with one partition and two replicas.
    const ANSWER: &[u8] = b"\0\0\0\x07\0\0\0\x02\
        \0\0\0\x01\0\x03a.b\0\0\x23\x84\xff\xff\
        \0\0\0\x03\0\x01c\0\0\x23\x84\0\x01r\
        \0\0\0\x01\0\0\0\x01\
        \0\0\0\x04kept\0\0\0\0\x01\
        \0\0\0\0\0\0\0\0\0\x01\
        \0\0\0\x02\0\0\0\x01\0\0\0\x03";

    fn check(in_sync: &[u8], expected: Option<bool>) {
        let answer = [ANSWER, in_sync].concat();
        let expected = expected.map(|in_sync| Known { brokers: vec![1, 3], in_sync });
        assert_eq!(Answer(&answer).known(), expected);
    }

    #[test]
    fn an_answer_tells_who_is_in_service_and_half_of_one_nothing() {
        check(b"\0\0\0\x02\0\0\0\x01\0\0\0\x03", Some(true));
        check(b"\0\0\0\x01\0\0\0\x01", Some(false));
        check(b"\0\0\0\x01\0\0", None);
        check(b"", None);
    }

    #[test]
    fn the_length_of_the_request_is_true() {
        assert_eq!(REQUEST.len(), 4 + usize::from(REQUEST[3]));
    }
}
