# An SMSC made of Perl's Net::SMPP, as in that package's own example: one id for all messages. Prints its port, then a JSON line
# for each SMS. A line "receipt NUMBER STATE" of its input sends a receipt of that id, as if NUMBER had got the message.
use strict;
use warnings;
use IO::Select;
use Net::SMPP;
$| = 1;
my $id = '123456789';
my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34) or die "no listener: $!";
print '{"port": ', $listener->sockport, "}\n";
my ($bound, %reply);
%reply = (
	Net::SMPP::CMD_bind_transceiver() => sub { $bound = $_[0]; $_[0]->bind_transceiver_resp(system_id => 'perl', seq => $_[1]{seq}) },
	Net::SMPP::CMD_enquire_link() => sub { $_[0]->enquire_link_resp(seq => $_[1]{seq}) },
	Net::SMPP::CMD_unbind() => sub { $_[0]->unbind_resp(seq => $_[1]{seq}) },
	Net::SMPP::CMD_submit_sm() => sub {
		$_[0]->submit_sm_resp(message_id => $id, seq => $_[1]{seq});
		printf qq({"to": "%s", "from": "%s", "text": "%s"}\n), @{$_[1]}{qw(destination_addr source_addr short_message)};
	},
	Net::SMPP::CMD_deliver_sm_resp() => sub { printf qq({"answered": %d}\n), $_[1]{status} },
);

sub receipt {
	my ($to, $state) = @_;
	$bound->deliver_sm(async => 1, esm_class => 4, source_addr => $to, destination_addr => 'OTP', short_message =>
		"id:$id sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:$state err:000 text:");
}

my $select = IO::Select->new($listener, \*STDIN);
while (my @ready = $select->can_read) {
	for my $from (@ready) {
		if ($from == $listener) {
			$select->add($listener->accept);
		} elsif ($from == \*STDIN) {
			exit unless sysread STDIN, my $line, 4096;
			receipt($1, $2) while $line =~ /^receipt (\d+) (\w+)$/mg;
		} elsif (my $pdu = $from->read_pdu) {
			my $do = $reply{$pdu->{cmd}} or die "no answer to $pdu->{cmd}";
			$do->($from, $pdu);
		} else {
			$select->remove($from);
			$from->close;
		}
	}
}
