use std::io;

use super::*;

/// Takes one write, then answers with an error.
struct Breaks(ErrorKind, usize);

impl Write for Breaks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1 > 1 { Err(self.0.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn data_and_notes_go_their_own_ways() {
    let (mut data, mut notes) = (Vec::new(), Vec::new());
    let mut output = Output::new(&mut data, &mut notes);
    output.text("một");
    output.json(&[1, 2]);
    output.note("hai");
    output.finish().unwrap();
    drop(output);
    assert_eq!(String::from_utf8(data).unwrap(), "một\n[1,2]\n");
    assert_eq!(String::from_utf8(notes).unwrap(), "hai\n");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut output = Output::new(Breaks(ErrorKind::BrokenPipe, 0), io::sink());
    assert!(!output.is_closed());
    output.text("một");
    output.json(&"hai");
    assert!(output.is_closed());
    output.finish().unwrap();
}

#[test]
fn any_other_error_is_told_once_at_the_end() {
    let mut output = Output::new(Breaks(ErrorKind::StorageFull, 0), io::sink());
    output.json(&"một");
    output.text("hai");
    output.text("ba");
    assert_eq!(output.finish().unwrap_err().kind(), ErrorKind::StorageFull);
    output.finish().unwrap();
}
