package io.bactrian.gateway.routes;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Stops reading from a client that sends more requests before it has the answers of those before, or does not take the answers.
 * Vert.x would keep all that it sends in memory. Reading goes on when the client has caught up. One for each connection, on its
 * event loop.
 */
final class RequestBrake extends ChannelDuplexHandler {
    private static final int UNANSWERED_MAX = 32;

    private int unanswered;
    private boolean stopped;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            unanswered++;
            if (stopped) {
                // What had been read already; or Vert.x reads on, because it has another reason to.
                context.channel().config().setAutoRead(false);
            }
            adjust(context);
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ChannelFuture unused = context.write(message, promise);
        if (message instanceof LastHttpContent) {
            unanswered = Math.max(0, unanswered - 1);
            adjust(context);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        adjust(context);
        context.fireChannelWritabilityChanged();
    }

    private void adjust(ChannelHandlerContext context) {
        boolean stop = unanswered > UNANSWERED_MAX || !context.channel().isWritable();
        if (stop != stopped) {
            stopped = stop;
            context.channel().config().setAutoRead(!stop);
        }
    }
}
