import org.apache.pekko.actor.OneForOneStrategy;
import org.apache.pekko.actor.SupervisorStrategy;
import org.apache.pekko.actor.SupervisorStrategyConfigurator;
import org.apache.pekko.japi.pf.DeciderBuilder;

/**
 * Lets the top actors of ElasticMQ go on after an exception, with the state that they have. Restarted, as is the default, the
 * one that stores messages knows no queue any more, and acknowledges whatever comes without storing it; and it fails now and
 * then, because it reads a message that others change meanwhile. What made it fail is not acknowledged.
 */
public final class ResumingSupervisor implements SupervisorStrategyConfigurator {
  @Override
  public SupervisorStrategy create() {
    return new OneForOneStrategy(
        DeciderBuilder.match(Exception.class, exception -> SupervisorStrategy.resume())
            .matchAny(error -> SupervisorStrategy.escalate())
            .build());
  }
}
